// Rows of named, typed columns, as those who use them see them: a data file (data_file.h), or several that are read as
// one (data/batch/data_set.h).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "tensor/tensor.h"

namespace ds {

struct ColumnInfo {
    std::string name;
    DType dtype = DType::u8;
    Dims item_shape; // of one row; of one element when ragged (usually empty: a scalar)
    bool ragged = false;
    std::string kind;                              // "image", "category", "number", "text", "target", "weight", ...
    std::vector<std::string> labels;               // names of the categories, by index; may be empty
    std::map<std::string, std::string> attributes; // more readable text, e.g. {"layout", "CHW"}

    int64_t item_bytes() const { return bytes(dtype, item_shape); } // bytes of a row (ragged: of an element)
};

class DataTable {
public:
    DataTable() = default;
    virtual ~DataTable() = default;

    virtual const std::string& path() const = 0; // for messages
    virtual const std::vector<ColumnInfo>& columns() const = 0;
    int find(const std::string& name) const; // -1 when absent
    virtual int64_t rows() const = 0;
    virtual const std::string& meta() const = 0; // JSON text, "" when absent
    virtual const std::vector<std::string>& history() const = 0;
    virtual std::vector<std::string> splits() const = 0;
    /// Row numbers. Error(data) when there is no such split (lists the known) or a row is out of range.
    virtual std::vector<int64_t> split(const std::string& name) const = 0;

    /// Rows [begin, begin + count) of a fixed column, row-major, into `out` (count * item_bytes()). This and what
    /// follows is safe from many threads.
    virtual void read(int column, int64_t begin, int64_t count, void* out) const = 0;
    /// The given rows of a fixed column, in their order.
    virtual void gather(int column, std::span<const int64_t> rows, void* out) const = 0;
    /// Elements [begin, begin + count) of a ragged column's values, over row borders.
    virtual void read_values(int column, int64_t begin, int64_t count, void* out) const = 0;
    /// Says that rows of a fixed column, or values of a ragged one, will be read soon: the system may fetch them.
    virtual void will_need(int column, int64_t begin, int64_t count) const = 0;
    /// rows() + 1 offsets in elements of a ragged column: read whole, checked to ascend within the values.
    virtual std::vector<int64_t> offsets(int column) const = 0;
    virtual int64_t elements(int column) const = 0; // of a ragged column, in all rows
    /// What a row takes in the file; of a ragged column on average.
    virtual int64_t stored_row_bytes(int column) const;
    /// What reading a row of a fixed column takes beside the row itself, in each thread that reads.
    virtual int64_t reading_bytes(int) const { return 0; }
    /// What gathering rows of a column may keep of it in memory from then on.
    virtual int64_t kept_bytes(int) const { return 0; }

    virtual Digest file_digest() const = 0; // of all contents

protected:
    DataTable(DataTable&&) noexcept = default;
};

} // namespace ds
