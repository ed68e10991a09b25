// What a DataFileReader holds; its writer copies from there.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "io/data_file/data_file.h"
#include "io/sealed/sealed_file.h"

namespace ds {

struct DataFileReader::Impl {
    Impl(Source source, bool allow_unsealed) : file(std::move(source), allow_unsealed) {}
    int64_t element_count(int column) const { return values.at(size_t(column))->shape.at(0); }

    SealedReader file;
    std::vector<ColumnInfo> columns;
    std::vector<const hdf5::Item*> values;  // of each column
    std::vector<const hdf5::Item*> offsets; // null when not ragged
    std::map<std::string, const hdf5::Item*> splits;
    int64_t rows = 0;
    std::string meta;
    std::vector<std::string> history;

    /// The whole of a small column, read at the first call and kept; null for a large one. Safe from many threads.
    const std::byte* whole(int column);
    bool is_small(const ColumnInfo& info) const { return !info.ragged && rows * info.item_bytes() <= small; }
    int64_t small = int64_t{16} << 20; // bytes

private:
    std::mutex mutex_;
    std::map<int, std::vector<std::byte>> kept_;
};

} // namespace ds
