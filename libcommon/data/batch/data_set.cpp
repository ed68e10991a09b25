#include "data/batch/data_set.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <unordered_map>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "data/batch/row_ids.h"
#include "data/batch/set_meta.h"
#include "data/text/documents.h"
#include "io/history.h"

namespace ds {
namespace {

/// Attributes that say what the rows happen to be, how they were written or where they came from, not what they mean.
constexpr std::array of_rows{"values", "decimal", word_column_key};

std::string type_text(const ColumnInfo& c) {
    return fmt::format("{} {}{}{}", c.kind, name(c.dtype), c.ragged ? ", ragged" : "", text(c.item_shape));
}

[[noreturn]] void refuse(const DataTable& a, const DataTable& b, const std::string& column, const std::string& in_a,
                         const std::string& in_b) {
    fail(Exit::data, "{} and {} are not alike: column '{}' is {} in the first and {} in the second", a.path(), b.path(),
         column, in_a, in_b);
}

/// Numbers of 32 bits in one file and of 64 in another, as an import of each chose by what was in it.
bool are_floats(const ColumnInfo& x, const ColumnInfo& y) {
    const auto is_one = [](const ColumnInfo& c) {
        return !c.ragged && (c.dtype == DType::f32 || c.dtype == DType::f64);
    };
    return is_one(x) && is_one(y);
}

void require_alike(const DataTable& a, const ColumnInfo& x, const DataTable& b, const ColumnInfo& y) {
    if (x.kind != y.kind || (x.dtype != y.dtype && !are_floats(x, y)) || x.item_shape != y.item_shape ||
        x.ragged != y.ragged)
        refuse(a, b, x.name, type_text(x), type_text(y));
    if (x.labels.empty() != y.labels.empty())
        refuse(a, b, x.name, x.labels.empty() ? "without names" : "of named classes",
               y.labels.empty() ? "without names" : "of named classes");
    auto left = x.attributes, right = y.attributes;
    for (const char* key : of_rows) left.erase(key), right.erase(key);
    if (left == right) return;
    for (const auto& [key, value] : left)
        if (const auto other = right.find(key); other == right.end() || other->second != value)
            refuse(a, b, x.name, fmt::format("of {} '{}'", key, value),
                   other == right.end() ? "not" : fmt::format("of '{}'", other->second));
    refuse(a, b, x.name, "not", fmt::format("of {} '{}'", right.begin()->first, right.begin()->second));
}

/// Whole numbers by their size, before all other names.
bool comes_before(const std::string& a, const std::string& b) {
    const auto number = [](const std::string& name) {
        int64_t value = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
        return error == std::errc{} && end == name.data() + name.size() ? value : INT64_MAX;
    };
    return std::pair(number(a), std::string_view(a)) < std::pair(number(b), std::string_view(b));
}

/// All names of the parts, each once: sorted as all lists are, by the alphabet or as numbers, as an import of all
/// together would have them; else as they come.
std::vector<std::string> all_names(const std::vector<const std::vector<std::string>*>& lists) {
    std::vector<std::string> names;
    std::unordered_map<std::string, bool> seen;
    bool sorted = true, counted = true;
    for (const auto* list : lists) {
        sorted = sorted && std::ranges::is_sorted(*list);
        counted = counted && std::ranges::is_sorted(*list, comes_before);
        for (const std::string& name : *list)
            if (seen.try_emplace(name, true).second) names.push_back(name);
    }
    if (sorted) std::ranges::sort(names);
    else if (counted) std::ranges::sort(names, comes_before);
    return names;
}

} // namespace

DataSet::DataSet(std::vector<std::shared_ptr<const DataTable>> parts) : parts_(std::move(parts)) {
    if (parts_.empty()) bug("a data set of no files");
    const DataTable& first = *parts_[0];
    path_ = first.path() + (parts_.size() > 1 ? fmt::format(" and {} more", parts_.size() - 1) : "");
    leave_out_names_of_rows();
    starts_.push_back(0);
    std::vector<std::vector<std::string>> chains;
    for (size_t p = 0; p < parts_.size(); ++p) {
        take_columns(p);
        starts_.push_back(starts_.back() + parts_[p]->rows());
        chains.push_back(parts_[p]->history());
    }
    for (size_t c = 0; c < columns_.size(); ++c) join_names(c);
    history_ = merge_history(chains);
    const auto numbers = [&](size_t part, size_t column) -> const std::vector<int32_t>& {
        return at_[part][column].numbers;
    };
    meta_ = joined_meta(parts_, columns_, numbers);
}

/// Names of rows are kept where all parts have them under one name: they are no part of what a model takes, and files
/// of before 0.2 lack those of pictures.
void DataSet::leave_out_names_of_rows() {
    for (const ColumnInfo& column : parts_[0]->columns()) {
        const auto lacks = [&](const auto& other) {
            const int found = other->find(column.name);
            return found < 0 || !is_id(other->columns()[size_t(found)]);
        };
        const auto lacking = is_id(column) ? std::ranges::find_if(parts_, lacks) : parts_.end();
        if (lacking == parts_.end()) columns_.push_back(column);
        else
            log::info(
                fmt::format("column '{}' is left out: {} has no such names of rows", column.name, (*lacking)->path()));
    }
}

void DataSet::take_columns(size_t part) {
    const DataTable &first = *parts_[0], &table = *parts_[part];
    auto& own = at_.emplace_back();
    for (ColumnInfo& column : columns_) {
        const int index = table.find(column.name);
        if (index < 0)
            fail(Exit::data, "{} and {} are not alike: there is no column '{}' in the second", first.path(),
                 table.path(), column.name);
        const ColumnInfo& there = table.columns()[size_t(index)];
        require_alike(first, column, table, there);
        for (const char* key : of_rows) { // true of the set where it is true of all
            const auto mine = column.attributes.find(key);
            if (mine == column.attributes.end()) continue;
            const auto theirs = there.attributes.find(key);
            if (theirs == there.attributes.end() || theirs->second != mine->second) column.attributes.erase(mine);
        }
        if (column.dtype != there.dtype) column.dtype = DType::f64;
        own.push_back({index, {}});
    }
    for (const ColumnInfo& column : table.columns())
        if (first.find(column.name) < 0 && !is_id(column))
            fail(Exit::data, "{} and {} are not alike: there is no column '{}' in the first", first.path(),
                 table.path(), column.name);
}

void DataSet::join_names(size_t column) {
    std::vector<const std::vector<std::string>*> lists;
    for (size_t p = 0; p < parts_.size(); ++p)
        lists.push_back(&parts_[p]->columns()[size_t(at_[p][column].index)].labels);
    ColumnInfo& info = columns_[column];
    if (std::ranges::all_of(lists, [&](const auto* list) { return *list == *lists[0]; })) return;
    if (info.dtype != DType::i32) refuse_names(column, lists);
    info.labels = all_names(lists);
    std::unordered_map<std::string, int32_t> number;
    for (size_t k = 0; k < info.labels.size(); ++k) number[info.labels[k]] = int32_t(k);
    for (size_t p = 0; p < parts_.size(); ++p)
        for (const std::string& name : *lists[p]) at_[p][column].numbers.push_back(number.at(name));
    log::detail(fmt::format("{}: the files name the classes of '{}' differently; together they are {}", path_,
                            info.name, info.labels.size()));
}

/// What is a byte for each name, or one for each pixel, has its names' places in the bytes.
void DataSet::refuse_names(size_t column, const std::vector<const std::vector<std::string>*>& lists) const {
    const auto other = std::ranges::find_if(lists, [&](const auto* list) { return *list != *lists[0]; });
    fail(Exit::data,
         "{} and {} are not alike: column '{}' of {} has the names {} in the first and {} in the second, and only "
         "class numbers (i32) are numbered anew; import the files with the same names",
         parts_[0]->path(), parts_[size_t(other - lists.begin())]->path(), columns_[column].name,
         type_text(columns_[column]), few_names(*lists[0]), few_names(**other));
}

std::vector<std::string> DataSet::splits() const {
    std::vector<std::string> common = parts_[0]->splits();
    for (const auto& part : parts_) {
        const std::vector<std::string> own = part->splits();
        std::erase_if(common, [&](const std::string& name) { return std::ranges::count(own, name) == 0; });
    }
    return common;
}

std::vector<int64_t> DataSet::split(const std::string& name) const {
    std::vector<int64_t> all;
    for (size_t p = 0; p < parts_.size(); ++p)
        for (const int64_t row : parts_[p]->split(name)) all.push_back(starts_[p] + row);
    return all;
}

size_t DataSet::part_of(int64_t row) const {
    return size_t(std::upper_bound(starts_.begin() + 1, starts_.end() - 1, row) - starts_.begin()) - 1;
}

void DataSet::fit(size_t part, int column, int64_t count, void* values) const {
    const DType there = parts_[part]->columns()[size_t(in(part, column).index)].dtype;
    if (there != columns_[size_t(column)].dtype) return widen(column, count, values);
    renumber(part, column, count, values);
}

/// Floats become doubles where they lie, from the last to the first.
void DataSet::widen(int column, int64_t count, void* values) const {
    auto* raw = static_cast<std::byte*>(values);
    for (size_t i = size_t(count * ds::count(columns_[size_t(column)].item_shape)); i-- > 0;) {
        float narrow = 0;
        std::memcpy(&narrow, raw + i * sizeof(float), sizeof(float));
        const auto wide = double(narrow);
        std::memcpy(raw + i * sizeof(double), &wide, sizeof(double));
    }
}

void DataSet::renumber(size_t part, int column, int64_t count, void* values) const {
    const std::vector<int32_t>& numbers = in(part, column).numbers;
    if (numbers.empty()) return;
    int32_t* value = static_cast<int32_t*>(values);
    for (int64_t i = 0; i < count * ds::count(columns_[size_t(column)].item_shape); ++i) {
        if (value[i] < 0) continue; // no name
        if (size_t(value[i]) >= numbers.size())
            fail(Exit::data, "{}: column '{}' has class {} and names for {}", parts_[part]->path(),
                 columns_[size_t(column)].name, value[i], numbers.size());
        value[i] = numbers[size_t(value[i])];
    }
}

void DataSet::read(int column, int64_t begin, int64_t count, void* out) const {
    const int64_t size = columns_.at(size_t(column)).item_bytes();
    if (begin < 0 || count < 0 || begin > rows() - count) bug("rows {}+{} of {}", begin, count, path_);
    for (auto* to = static_cast<std::byte*>(out); count > 0;) {
        const size_t part = part_of(begin);
        const int64_t n = std::min(count, starts_[part + 1] - begin);
        parts_[part]->read(in(part, column).index, begin - starts_[part], n, to);
        fit(part, column, n, to);
        begin += n, count -= n, to += n * size;
    }
}

void DataSet::gather(int column, std::span<const int64_t> wanted, void* out) const {
    const int64_t size = columns_.at(size_t(column)).item_bytes();
    auto* to = static_cast<std::byte*>(out);
    std::vector<int64_t> own;
    for (size_t i = 0; i < wanted.size(); i += own.size()) { // a stretch of one part at a time
        if (wanted[i] < 0 || wanted[i] >= rows()) bug("row {} of {}", wanted[i], path_);
        const size_t part = part_of(wanted[i]);
        own.clear();
        for (size_t k = i; k < wanted.size() && wanted[k] >= starts_[part] && wanted[k] < starts_[part + 1]; ++k)
            own.push_back(wanted[k] - starts_[part]);
        parts_[part]->gather(in(part, column).index, own, to);
        fit(part, column, int64_t(own.size()), to);
        to += int64_t(own.size()) * size;
    }
}

void DataSet::read_values(int column, int64_t begin, int64_t count, void* out) const {
    const int64_t size = columns_.at(size_t(column)).item_bytes();
    auto* to = static_cast<std::byte*>(out);
    int64_t start = 0; // of the part, in elements
    for (size_t part = 0; part < parts_.size() && count > 0; ++part) {
        const int64_t own = parts_[part]->elements(in(part, column).index), end = start + own;
        if (begin < end) {
            const int64_t n = std::min(count, end - begin);
            parts_[part]->read_values(in(part, column).index, begin - start, n, to);
            renumber(part, column, n, to);
            begin += n, count -= n, to += n * size;
        }
        start = end;
    }
    if (count > 0) bug("{} values too many of {}", count, path_);
}

void DataSet::will_need(int column, int64_t begin, int64_t count) const {
    const bool ragged = columns_.at(size_t(column)).ragged;
    int64_t start = 0;
    for (size_t part = 0; part < parts_.size(); ++part) {
        const int64_t own = ragged ? parts_[part]->elements(in(part, column).index) : parts_[part]->rows();
        const int64_t from = std::max(begin, start), to = std::min(begin + count, start + own);
        if (from < to) parts_[part]->will_need(in(part, column).index, from - start, to - from);
        start += own;
    }
}

std::vector<int64_t> DataSet::offsets(int column) const {
    std::vector<int64_t> all{0};
    all.reserve(size_t(rows()) + 1);
    for (size_t part = 0; part < parts_.size(); ++part) {
        const std::vector<int64_t> own = parts_[part]->offsets(in(part, column).index);
        const int64_t start = all.back();
        for (size_t i = 1; i < own.size(); ++i) all.push_back(start + own[i]);
    }
    return all;
}

int64_t DataSet::elements(int column) const {
    int64_t all = 0;
    for (size_t part = 0; part < parts_.size(); ++part) all += parts_[part]->elements(in(part, column).index);
    return all;
}

int64_t DataSet::reading_bytes(int column) const {
    int64_t most = 0;
    for (size_t part = 0; part < parts_.size(); ++part)
        most = std::max(most, parts_[part]->reading_bytes(in(part, column).index));
    return most;
}

int64_t DataSet::kept_bytes(int column) const {
    int64_t all = 0;
    for (size_t part = 0; part < parts_.size(); ++part) all += parts_[part]->kept_bytes(in(part, column).index);
    return all;
}

Digest DataSet::file_digest() const {
    std::vector<Digest> all;
    for (const auto& part : parts_) all.push_back(part->file_digest());
    return sha256(std::as_bytes(std::span(all)));
}

void DataSet::check_statistics() const { require_same_statistics(parts_); }

} // namespace ds
