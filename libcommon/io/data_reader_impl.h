// What a DataFileReader holds; its writer copies from there.
#pragma once

#include "io/data_file.h"
#include "io/sealed_file.h"

namespace ds {

struct DataFileReader::Impl {
    Impl(const std::string& path, bool allow_unsealed) : file(path, allow_unsealed) {}
    int64_t element_count(int column) const { return values.at(size_t(column))->shape.at(0); }

    SealedReader file;
    std::vector<ColumnInfo> columns;
    std::vector<const hdf5::Item*> values;  // of each column
    std::vector<const hdf5::Item*> offsets; // null when not ragged
    std::map<std::string, const hdf5::Item*> splits;
    int64_t rows = 0;
    std::string meta;
    std::vector<std::string> history;
};

} // namespace ds
