#include "data/batch/each_row.h"

#include <algorithm>

#include "base/error.h"

namespace ds {
namespace {

constexpr int64_t bytes_at_a_time = 1 << 20;

double number_at(DType dtype, const std::byte* raw, int64_t i) {
    switch (dtype) {
    case DType::u8: return double(reinterpret_cast<const uint8_t*>(raw)[i]);
    case DType::i8: return double(reinterpret_cast<const int8_t*>(raw)[i]);
    case DType::i32: return double(reinterpret_cast<const int32_t*>(raw)[i]);
    case DType::i64: return double(reinterpret_cast<const int64_t*>(raw)[i]);
    case DType::f32: return double(reinterpret_cast<const float*>(raw)[i]);
    case DType::f64: return reinterpret_cast<const double*>(raw)[i];
    default: fail(Exit::data, "a target of {} cannot feed a model", name(dtype));
    }
}

/// Rows of any length.
void each_ragged_row(const DataSource& source, int index,
                     const std::function<bool(int64_t row, std::span<const double>)>& each) {
    const ColumnInfo& column = source.file().columns()[size_t(index)];
    const std::vector<int64_t> offsets = source.file().offsets(index);
    std::vector<std::byte> raw;
    std::vector<double> values;
    for (int64_t i = 0; i < source.rows(); ++i) {
        const auto row = size_t(source.file_row(i));
        const int64_t n = offsets[row + 1] - offsets[row];
        raw.resize(size_t(n * column.item_bytes()));
        source.file().read_values(index, offsets[row], n, raw.data());
        values.clear();
        for (int64_t k = 0; k < n; ++k) values.push_back(number_at(column.dtype, raw.data(), k));
        if (!each(i, values)) return;
    }
}

} // namespace

void each_row(const DataSource& source, int index,
              const std::function<bool(int64_t row, std::span<const double>)>& each) {
    const ColumnInfo& column = source.file().columns()[size_t(index)];
    if (column.ragged) return each_ragged_row(source, index, each);
    const int64_t item = count(column.item_shape),
                  rows_at_a_time =
                      std::clamp<int64_t>(bytes_at_a_time / std::max<int64_t>(1, column.item_bytes()), 1, 4096);
    std::vector<std::byte> raw;
    std::vector<double> values(static_cast<size_t>(item));
    std::vector<int64_t> rows;
    for (int64_t begin = 0; begin < source.rows(); begin += rows_at_a_time) {
        rows.clear();
        for (int64_t i = begin; i < std::min(source.rows(), begin + rows_at_a_time); ++i)
            rows.push_back(source.file_row(i));
        raw.resize(rows.size() * size_t(column.item_bytes()));
        source.file().gather(index, rows, raw.data());
        for (size_t r = 0; r < rows.size(); ++r) {
            for (int64_t i = 0; i < item; ++i)
                values[size_t(i)] = number_at(column.dtype, raw.data(), int64_t(r) * item + i);
            if (!each(begin + int64_t(r), values)) return;
        }
    }
}

} // namespace ds
