#include "data/edit/row_keys.h"

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

} // namespace

std::vector<double> row_keys(const DataTable& file, const std::string& name) {
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
    case DType::i64: keys = numbers<int64_t>(file, column); break;
    case DType::f32: keys = numbers<float>(file, column); break;
    case DType::f64: keys = numbers<double>(file, column); break;
    default: fail(Exit::data, "{}: column '{}' is {}", file.path(), name, ds::name(info.dtype));
    }
    for (size_t row = 0; row < keys.size(); ++row)
        if (std::isnan(keys[row]))
            fail(Exit::data, "{}: column '{}' is missing in row {}, so that the row has no place", file.path(), name,
                 row + 1);
    return keys;
}

} // namespace ds
