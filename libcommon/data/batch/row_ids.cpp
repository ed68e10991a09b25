#include "data/batch/row_ids.h"

#include "base/error.h"

namespace ds {
namespace {

constexpr int64_t longest_id = 1 << 20; // bytes

} // namespace

bool is_name(const ColumnInfo& column) {
    return (column.kind == "id" || column.kind == "group") && column.ragged && column.dtype == DType::u8;
}

bool is_id(const ColumnInfo& column) { return column.kind == "id" && is_name(column); }

int id_column(const DataTable& file) {
    for (size_t i = 0; i < file.columns().size(); ++i)
        if (is_id(file.columns()[i])) return int(i);
    return -1;
}

RowIds::RowIds(const DataTable& file, int column) : file_(file), column_(column) {
    if (column < 0) return;
    name_ = file.columns()[size_t(column)].name;
    offsets_ = file.offsets(column);
}

std::string RowIds::at(int64_t row) const {
    if (column_ < 0) return "";
    const int64_t begin = offsets_.at(size_t(row)), length = offsets_.at(size_t(row) + 1) - begin;
    if (length > longest_id)
        fail(Exit::data, "{}: column '{}' has {} bytes in row {}, which is no name", file_.path(), name_, length, row);
    std::string id(size_t(length), '\0');
    file_.read_values(column_, begin, length, id.data());
    return id;
}

} // namespace ds
