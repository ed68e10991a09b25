#include "data/batch/alike.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "base/error.h"
#include "data/batch/each_row.h"
#include "data/batch/row_ids.h"

namespace ds {
namespace {

std::vector<std::string> parts_of_name(std::string_view names) {
    std::vector<std::string> parts;
    while (!names.empty()) {
        const size_t end = std::min(names.find('/'), names.size());
        parts.emplace_back(names.substr(0, end));
        names.remove_prefix(std::min(names.size(), end + 1));
    }
    return parts;
}

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, "/")); }

/// The bytes of a value; "" for one that is missing.
std::string bytes_of(double value, const ColumnInfo& column) {
    const bool is_named = value >= 0 && value < double(column.labels.size());
    if (std::isnan(value) || (is_named && column.labels[size_t(value)].empty())) return "";
    value += 0.0; // -0 is 0
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Integers of which a double holds two as one.
std::vector<std::string> integers_of(const DataSource& source, int column) {
    std::vector<std::string> values;
    for (int64_t i = 0; i < source.rows(); ++i) {
        int64_t value = 0;
        source.file().read(column, source.file_row(i), 1, &value);
        values.emplace_back(reinterpret_cast<const char*>(&value), sizeof value);
    }
    return values;
}

/// What each row of the source has in a column, the same bytes where it has the same; "" where it has nothing.
std::vector<std::string> values_of(const DataSource& source, const std::string& name) {
    const int index = source.file().find(name);
    if (index < 0)
        fail(Exit::data, "{}: there is no column '{}', by which the model knows rows that are alike", source.name(),
             name);
    const ColumnInfo& column = source.file().columns()[size_t(index)];
    std::vector<std::string> values;
    if (is_name(column)) {
        const RowIds ids(source.file(), index);
        for (int64_t i = 0; i < source.rows(); ++i) values.push_back(ids.at(source.file_row(i)));
        return values;
    }
    if (column.ragged || !column.item_shape.empty())
        fail(Exit::data, "{}: column '{}' has {}, and rows are known to be alike by names and single numbers",
             source.name(), name, column.ragged ? "texts" : "arrays");
    if (column.dtype == DType::i64 && column.labels.empty()) return integers_of(source, index);
    each_row(source, index, [&](int64_t, std::span<const double> value) {
        values.push_back(bytes_of(value[0], column));
        return true;
    });
    return values;
}

/// A number for each different row of these columns, in the order in which they come. Where one column says it all and
/// is missing, nobody knows what the row is the same as.
std::vector<int32_t> number_rows(const DataSource& source, const std::vector<std::string>& columns) {
    std::vector<int32_t> numbers(static_cast<size_t>(source.rows()), 0);
    if (columns.empty()) std::iota(numbers.begin(), numbers.end(), 0);
    for (const std::string& column : columns) { // rows that were alike so far, told apart by one more
        std::unordered_map<std::string, int32_t> known;
        const std::vector<std::string> values = values_of(source, column);
        int32_t next = 0;
        for (size_t i = 0; i < numbers.size(); ++i) {
            std::string key(sizeof(int32_t), '\0');
            std::memcpy(key.data(), &numbers[i], sizeof(int32_t));
            const bool is_unknown = values[i].empty() && columns.size() == 1;
            numbers[i] = is_unknown ? next : known.try_emplace(key + values[i], next).first->second;
            next += numbers[i] == next;
        }
    }
    return numbers;
}

/// The columns of both sides.
std::array<std::vector<std::string>, 2> sides_of(const std::string& input) {
    const std::string_view names = std::string_view(input).substr(alike_in.size());
    const size_t between = names.find("//");
    if (between == names.npos) fail(Exit::data, "the model's input '{}' names no two sides", input);
    return {parts_of_name(names.substr(0, between)), parts_of_name(names.substr(between + 2))};
}

} // namespace

std::string alike_input(const std::vector<std::string>& first, const std::vector<std::string>& second) {
    return std::string(alike_in) + joined(first) + "//" + joined(second);
}

std::vector<int32_t> second_numbers(const DataSource& source, const std::string& input) {
    const std::vector<std::string> columns = sides_of(input)[1];
    const auto is_there = [&](const std::string& name) { return source.file().find(name) >= 0; };
    return number_rows(source, std::ranges::all_of(columns, is_there) ? columns : std::vector<std::string>());
}

Alike::Alike(const DataSource& source, const std::string& input) {
    const auto sides = sides_of(input);
    const std::vector<int32_t> first = number_rows(source, sides[0]), second = number_rows(source, sides[1]);
    for (size_t i = 0; i < first.size(); ++i) numbers_.push_back({first[i], second[i]});
}

} // namespace ds
