#include "data/edit/row_keys.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "data/batch/row_ids.h"

namespace ds {
namespace {

/// A number for each id, in the order in which they come.
std::vector<double> id_keys(const DataTable& file, int column) {
    const RowIds ids(file, column);
    std::map<std::string, double, std::less<>> numbers;
    std::vector<double> keys;
    for (int64_t row = 0; row < file.rows(); ++row)
        keys.push_back(numbers.try_emplace(ids.at(row), double(numbers.size())).first->second);
    return keys;
}

template <class T>
std::vector<double> numbers(const DataTable& file, int column) {
    std::vector<T> raw(size_t(file.rows()));
    file.read(column, 0, file.rows(), raw.data());
    return {raw.begin(), raw.end()};
}

/// Where doubles would make one of several integers: the rank of each, which keeps them apart and in order.
std::vector<double> integer_keys(const DataTable& file, int column) {
    std::vector<int64_t> raw(size_t(file.rows()));
    file.read(column, 0, file.rows(), raw.data());
    const auto is_exact = [](int64_t v) { return std::abs(double(v)) < exact_below(DType::f64); };
    if (std::ranges::all_of(raw, is_exact)) return {raw.begin(), raw.end()};
    std::vector<int64_t> sorted = raw;
    std::ranges::sort(sorted);
    std::vector<double> keys;
    for (const int64_t v : raw) keys.push_back(double(std::ranges::lower_bound(sorted, v) - sorted.begin()));
    return keys;
}

} // namespace

double exact_below(DType dtype) {
    return dtype == DType::f32 ? double(1 << 24) : dtype == DType::f64 ? double(int64_t{1} << 53) : INFINITY;
}

void require_exact(const DataTable& file, const std::string& name, const std::vector<double>& keys) {
    const ColumnInfo& info = file.columns()[size_t(file.find(name))];
    const auto lossy = std::ranges::find_if(keys, [&](double k) { return std::abs(k) >= exact_below(info.dtype); });
    if (is_name(info) || lossy == keys.end()) return;
    fail(Exit::data, "{}: column '{}' is {} and has {:.0f} in row {}, whose last digits may be lost; import it {}",
         file.path(), name, ds::name(info.dtype), *lossy, lossy - keys.begin() + 1,
         info.dtype == DType::f64 ? "as names, by --id, --group or --categorical" : "anew");
}

std::vector<double> row_keys(const DataTable& file, const std::string& name, bool may_miss) {
    const int column = file.find(name);
    std::string known;
    for (const ColumnInfo& c : file.columns()) known += (known.empty() ? "" : ", ") + c.name;
    if (column < 0) fail(Exit::usage, "{}: there is no column '{}'; there are: {}", file.path(), name, known);
    const ColumnInfo& info = file.columns()[size_t(column)];
    if (is_name(info)) return id_keys(file, column);
    if (info.ragged || !info.item_shape.empty())
        fail(Exit::data, "{}: column '{}' has arrays or text, which rows cannot be divided by", file.path(), name);
    std::vector<double> keys;
    switch (info.dtype) {
    case DType::u8: keys = numbers<uint8_t>(file, column); break;
    case DType::i8: keys = numbers<int8_t>(file, column); break;
    case DType::i32: keys = numbers<int32_t>(file, column); break;
    case DType::i64: keys = integer_keys(file, column); break;
    case DType::f32: keys = numbers<float>(file, column); break;
    case DType::f64: keys = numbers<double>(file, column); break;
    default: fail(Exit::data, "{}: column '{}' is {}", file.path(), name, ds::name(info.dtype));
    }
    for (size_t row = 0; row < keys.size() && !may_miss; ++row)
        if (std::isnan(keys[row]))
            fail(Exit::data, "{}: column '{}' is missing in row {}, so that the row has no place", file.path(), name,
                 row + 1);
    return keys;
}

} // namespace ds
