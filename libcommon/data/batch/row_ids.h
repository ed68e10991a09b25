// What rows are called: a column of kind "id" names them for people, and one of kind "group" those that belong together
// (groups.h). Neither is an input of models.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/data_file/data_file.h"

namespace ds {

/// True for a column of names of rows, each as long as it is.
bool is_id(const ColumnInfo& column);
/// True for those, and for names of groups of rows.
bool is_name(const ColumnInfo& column);
/// The first of is_id; -1 where there is none.
int id_column(const DataTable& file);

class RowIds {
public:
    /// `column` is one of names, or -1: then no row has a name. The file must live as long.
    RowIds(const DataTable& file, int column);
    explicit RowIds(const DataTable& file) : RowIds(file, id_column(file)) {}
    /// The column's name; "" where there is none.
    const std::string& name() const { return name_; }
    /// The name of a row of the file; "" where it has none. Error(data) for one that is no name but a text.
    std::string at(int64_t row) const;

private:
    const DataTable& file_;
    int column_;
    std::string name_;
    std::vector<int64_t> offsets_;
};

} // namespace ds
