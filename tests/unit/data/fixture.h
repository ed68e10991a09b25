// What the tests of data share: data files of given columns, bytes as files, arrays from columns.
#pragma once

#include <string>
#include <vector>

#include "data/batch/source.h"
#include "data/import/import.h"
#include "unit/io/fixture.h"

namespace ds::test {

template <class T>
void add(DataFileWriter& writer, ColumnInfo column, const std::vector<T>& values) {
    writer.append(writer.add_column(std::move(column)), std::as_bytes(std::span(values)));
}

template <class T>
std::vector<T> column_of(const DataTable& file, const std::string& name) {
    const int column = file.find(name);
    if (column < 0) ADD_FAILURE() << "no column " << name;
    std::vector<T> all(size_t(file.rows() * file.columns().at(size_t(column)).item_bytes()) / sizeof(T));
    file.read(column, 0, file.rows(), all.data());
    return all;
}

inline ImportRequest request(std::vector<std::string> inputs, std::string output) {
    ImportRequest r;
    r.inputs = std::move(inputs);
    r.output = std::move(output);
    r.version = "test";
    return r;
}

inline void expect_says(const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
}

} // namespace ds::test
