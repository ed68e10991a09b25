#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "io/data_file/data_file.h"
#include "io/data_file/data_layout.h"
#include "io/data_file/data_reader_impl.h"
#include "io/history.h"
#include "io/sealed/format_version.h"

namespace ds {

namespace {

using hdf5::Item;
using hdf5::Kind;
namespace layout = data_layout;

// Reads the structure into columns, splits and texts.
class Opener {
public:
    explicit Opener(DataFileReader::Impl& into) : d_(into) {}

    void open() {
        const hdf5::Item* root = d_.file.find("/");
        const FormatVersion version =
            check_format(*root, "data", {layout::format_major, layout::format_minor}, d_.file.name());
        known_only_ = version.minor <= layout::format_minor;
        for (const Item& item : d_.file.structure()) take(item);
        arrange();
        take_history();
        for (size_t i = 0; i < d_.columns.size(); ++i) check_column(i);
        for (const auto& [name, item] : d_.splits) check_split(name, *item);
        add_labels();
    }

private:
    [[noreturn]] void refuse(const std::string& path, std::string_view why) const {
        fail(Exit::data, "{}: {}: refused: {}", d_.file.name(), path, why);
    }

    static bool is_array(const Item& item) { return item.kind == Kind::payload || item.kind == Kind::bytes; }

    // "/columns/image" -> "image" below "/columns"; empty when it lies elsewhere or deeper.
    static std::string child_of(const std::string& folder, const std::string& path) {
        if (!path.starts_with(folder + "/")) return "";
        const std::string rest = path.substr(folder.size() + 1);
        return rest.find('/') == rest.npos ? rest : "";
    }

    void take(const Item& item) {
        const std::string column = child_of("/columns", item.path), split = child_of("/splits", item.path);
        if (!column.empty() && (is_array(item) || item.kind == Kind::group)) return take_column(item, column);
        if (!split.empty() && is_array(item)) {
            d_.splits[split] = &item;
            return;
        }
        if (item.kind == Kind::group || item.path.starts_with("/columns/")) return; // checked with their column
        if (item.kind == Kind::texts && !child_of("/labels", item.path).empty()) return;
        if (item.kind == Kind::text && item.path == "/meta") {
            d_.meta = item.texts.front();
            return;
        }
        if (item.kind == Kind::text && !child_of("/history", item.path).empty()) {
            history_.push_back(&item);
            return;
        }
        if (known_only_) refuse(item.path, "no part of a data file");
    }

    void take_column(const Item& item, const std::string& name) {
        ColumnInfo info;
        info.name = name;
        info.ragged = item.kind == Kind::group;
        info.attributes = item.attributes;
        if (const auto kind = info.attributes.extract("kind")) info.kind = kind.mapped();
        size_t position = SIZE_MAX;
        if (const auto text = info.attributes.extract("position"))
            std::from_chars(text.mapped().data(), text.mapped().data() + text.mapped().size(), position);
        found_.push_back({position, &item, std::move(info)});
    }

    void arrange() {
        std::stable_sort(found_.begin(), found_.end(),
                         [](const auto& a, const auto& b) { return a.position < b.position; });
        for (Found& found : found_) {
            const std::string& name = found.info.name;
            d_.values.push_back(found.info.ragged ? d_.file.find(layout::values(name)) : found.item);
            d_.offsets.push_back(found.info.ragged ? d_.file.find(layout::offsets(name)) : nullptr);
            d_.columns.push_back(std::move(found.info));
        }
    }

    void take_history() {
        std::sort(history_.begin(), history_.end(),
                  [](const Item* a, const Item* b) { return earlier_record(a->path, b->path); });
        for (const Item* item : history_) d_.history.push_back(item->texts.front());
    }

    void check_column(size_t i) {
        ColumnInfo& info = d_.columns[i];
        const std::string path = layout::column(info.name);
        const Item *values = d_.values[i], *offsets = d_.offsets[i];
        if (!values || !is_array(*values) || values->shape.empty()) refuse(path, "no rows of values");
        info.dtype = values->dtype;
        info.item_shape.assign(values->shape.begin() + 1, values->shape.end());
        int64_t rows = values->shape[0];
        if (info.ragged) {
            if (!offsets || !is_array(*offsets) || offsets->dtype != DType::i64 || offsets->shape.size() != 1 ||
                offsets->shape[0] < 1)
                refuse(path, "no offsets of its rows");
            rows = offsets->shape[0] - 1;
        }
        if (info.item_bytes() == 0 && rows > 0) refuse(path, "rows without contents");
        if (i == 0) d_.rows = rows;
        if (rows != d_.rows)
            refuse(path, fmt::format("{} rows, and column {} has {}", rows, d_.columns[0].name, d_.rows));
    }

    void check_split(const std::string& name, const Item& item) const {
        if (item.dtype != DType::i64 || item.shape.size() != 1) refuse(layout::split(name), "no list of row numbers");
    }

    void add_labels() {
        for (ColumnInfo& info : d_.columns)
            if (const Item* item = d_.file.find(layout::labels(info.name)); item && item->kind == Kind::texts)
                info.labels = item->texts;
    }

    struct Found {
        size_t position;
        const Item* item;
        ColumnInfo info;
    };
    DataFileReader::Impl& d_;
    std::vector<Found> found_;
    std::vector<const Item*> history_; // as the file has them: by name
    bool known_only_ = true;
};

std::string join(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all.empty() ? "none" : all;
}

} // namespace

DataFileReader::DataFileReader(const std::string& path, bool allow_unsealed)
    : impl_(std::make_unique<Impl>(Source(path, allow_unsealed), allow_unsealed)) {
    Opener(*impl_).open();
}
DataFileReader::DataFileReader(Source source) : impl_(std::make_unique<Impl>(std::move(source), false)) {
    Opener(*impl_).open();
}
DataFileReader::~DataFileReader() = default;
DataFileReader::DataFileReader(DataFileReader&&) noexcept = default;

const std::string& DataFileReader::path() const { return impl_->file.name(); }
const std::vector<ColumnInfo>& DataFileReader::columns() const { return impl_->columns; }
int64_t DataFileReader::rows() const { return impl_->rows; }
const std::string& DataFileReader::meta() const { return impl_->meta; }
const std::vector<std::string>& DataFileReader::history() const { return impl_->history; }
Digest DataFileReader::file_digest() const { return impl_->file.file_digest(); }
void DataFileReader::verify() const { impl_->file.verify(); }

int DataTable::find(const std::string& name) const {
    for (size_t i = 0; i < columns().size(); ++i)
        if (columns()[i].name == name) return int(i);
    return -1;
}

int64_t DataTable::stored_row_bytes(int column) const {
    const ColumnInfo& info = columns().at(size_t(column));
    if (!info.ragged) return info.item_bytes();
    return rows() == 0 ? 0 : elements(column) * info.item_bytes() / rows();
}

std::vector<std::string> DataFileReader::splits() const {
    std::vector<std::string> names;
    for (const auto& [name, item] : impl_->splits) names.push_back(name);
    return names;
}

std::vector<int64_t> DataFileReader::split(const std::string& name) const {
    const auto found = impl_->splits.find(name);
    if (found == impl_->splits.end())
        fail(Exit::data, "{}: no split '{}'; its splits: {}", path(), name, join(splits()));
    std::vector<int64_t> numbers(size_t(found->second->shape[0]));
    impl_->file.read(*found->second, 0, std::as_writable_bytes(std::span(numbers)));
    for (const int64_t row : numbers)
        if (row < 0 || row >= rows()) fail(Exit::data, "{}: split {} names row {} of {}", path(), name, row, rows());
    return numbers;
}

void DataFileReader::read(int column, int64_t begin, int64_t count, void* out) const {
    const ColumnInfo& info = impl_->columns.at(size_t(column));
    if (info.ragged || begin < 0 || count < 0 || begin > rows() - count)
        bug("rows {}+{} of column {}", begin, count, info.name);
    const uint64_t size = uint64_t(info.item_bytes());
    impl_->file.read(*impl_->values[size_t(column)], uint64_t(begin) * size,
                     {static_cast<std::byte*>(out), uint64_t(count) * size});
}

int64_t DataFileReader::kept_bytes(int column) const {
    const ColumnInfo& info = columns().at(size_t(column));
    return impl_->is_small(info) ? rows() * info.item_bytes() : 0;
}

const std::byte* DataFileReader::Impl::whole(int column) {
    const ColumnInfo& info = columns.at(size_t(column));
    if (!is_small(info)) return nullptr;
    const std::lock_guard lock(mutex_);
    if (!kept_.count(column)) {
        std::vector<std::byte> bytes(size_t(rows * info.item_bytes()));
        file.read(*values[size_t(column)], 0, bytes);
        kept_[column] = std::move(bytes);
    }
    return kept_[column].data();
}

void DataFileReader::gather(int column, std::span<const int64_t> wanted, void* out) const {
    auto* to = static_cast<std::byte*>(out);
    const int64_t size = impl_->columns.at(size_t(column)).item_bytes();
    bool one_run = wanted.size() > 1;
    for (size_t i = 1; one_run && i < wanted.size(); ++i) one_run = wanted[i] == wanted[0] + int64_t(i);
    const std::byte* all = one_run ? nullptr : impl_->whole(column); // a call for each row would cost more than the row
    for (size_t i = 0; all && i < wanted.size(); ++i) {
        if (wanted[i] < 0 || wanted[i] >= rows()) bug("row {} of column {}", wanted[i], columns()[size_t(column)].name);
        std::memcpy(to + int64_t(i) * size, all + wanted[i] * size, size_t(size));
    }
    for (size_t i = 0; !all && i < wanted.size();) {
        size_t n = 1; // neighbours are read at once
        while (i + n < wanted.size() && wanted[i + n] == wanted[i] + int64_t(n)) ++n;
        read(column, wanted[i], int64_t(n), to);
        to += int64_t(n) * size;
        i += n;
    }
}

void DataFileReader::read_values(int column, int64_t begin, int64_t count, void* out) const {
    const ColumnInfo& info = impl_->columns.at(size_t(column));
    const int64_t all = impl_->element_count(column);
    if (!info.ragged || begin < 0 || count < 0 || begin > all - count)
        bug("values {}+{} of column {}", begin, count, info.name);
    const uint64_t size = uint64_t(info.item_bytes());
    impl_->file.read(*impl_->values[size_t(column)], uint64_t(begin) * size,
                     {static_cast<std::byte*>(out), uint64_t(count) * size});
}

void DataFileReader::will_need(int column, int64_t begin, int64_t count) const {
    const uint64_t size = uint64_t(impl_->columns.at(size_t(column)).item_bytes());
    impl_->file.will_need(*impl_->values[size_t(column)], uint64_t(begin) * size, uint64_t(count) * size);
}

std::vector<int64_t> DataFileReader::offsets(int column) const {
    const ColumnInfo& info = impl_->columns.at(size_t(column));
    if (!info.ragged) bug("column {} has no offsets", info.name);
    std::vector<int64_t> ends(size_t(rows()) + 1);
    impl_->file.read(*impl_->offsets[size_t(column)], 0, std::as_writable_bytes(std::span(ends)));
    if (ends.front() != 0 || ends.back() != impl_->element_count(column) || !std::is_sorted(ends.begin(), ends.end()))
        fail(Exit::data, "{}: column {}: its offsets do not ascend from 0 to {}", path(), info.name,
             impl_->element_count(column));
    return ends;
}

int64_t DataFileReader::elements(int column) const { return impl_->element_count(column); }
void DataFileReader::share_memory(int64_t files) {
    impl_->small /= files;
    impl_->file.share_memory(uint64_t(files));
}

Digest DataFileReader::column_digest(int column) const {
    const Item* offsets = impl_->offsets.at(size_t(column));
    const Digest values = impl_->file.entry(*impl_->values[size_t(column)]).digest;
    if (!offsets) return values;
    const Digest both[2] = {values, impl_->file.entry(*offsets).digest};
    return sha256(std::as_bytes(std::span(both)));
}

} // namespace ds
