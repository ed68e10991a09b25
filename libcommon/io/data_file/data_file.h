// Data files: named, typed columns in a sealed HDF5 file, written as a stream and read in ranges.
//
//     /columns/image              fixed: rows x item_shape
//     /columns/text/values        ragged: all elements one after another
//     /columns/text/offsets       i64[rows + 1]: row r is values[offsets[r] .. offsets[r+1])
//     /labels/label               list of strings: the names of the categories of column `label`
//     /splits/train               i64: row numbers
//     /meta                       JSON text: normalisation, provenance
//     /history/0000 ...           JSON texts, one a tool
//
// Root attributes `format` = "ds-tools data", `format_version`; each column's dataset (its group when ragged) has the
// attributes kind and position. HDF5's contiguous datasets cannot grow, so while rows arrive the values of the first
// column go straight to their place in the file and the others to unlinked temporaries beside it, which are appended at
// commit: put the largest column first. Memory stays bounded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "io/data_file/data_table.h"
#include "io/seal/source.h"
#include "tensor/tensor.h"

namespace ds {

class DataFileReader final : public DataTable {
public:
    /// Opens and verifies the metadata; "-" and FIFOs are read whole. Errors as load_checkpoint's.
    explicit DataFileReader(const std::string& path, bool allow_unsealed = false);
    explicit DataFileReader(Source source);
    ~DataFileReader() override;
    DataFileReader(DataFileReader&&) noexcept;

    const std::string& path() const override;
    const std::vector<ColumnInfo>& columns() const override;
    int64_t rows() const override;
    const std::string& meta() const override; // JSON text, "" when absent
    const std::vector<std::string>& history() const override;
    std::vector<std::string> splits() const override;
    std::vector<int64_t> split(const std::string& name) const override;

    /// Each MiB is verified the first time it is touched: Error(data) naming the column.
    void read(int column, int64_t begin, int64_t count, void* out) const override;
    void gather(int column, std::span<const int64_t> rows, void* out) const override;
    void read_values(int column, int64_t begin, int64_t count, void* out) const override;
    void will_need(int column, int64_t begin, int64_t count) const override;
    std::vector<int64_t> offsets(int column) const override;
    int64_t elements(int column) const override;
    int64_t kept_bytes(int column) const override;

    /// This is one of so many files of a data set: together they keep no more in memory than one alone would, of small
    /// columns and of what was verified. Before the first read.
    void share_memory(int64_t files);
    Digest file_digest() const override;    // from the seal: cheap
    Digest column_digest(int column) const; // contents only
    void verify() const;                    // every byte, in parallel; Error(data) naming what is damaged

    struct Impl; // io/data_reader_impl.h

private:
    friend class DataFileWriter;
    std::unique_ptr<Impl> impl_;
};

class DataFileWriter {
public:
    /// Opens the temporary beside `path` ("-": stdout, refused on a terminal). Errors: 73, 77, 64.
    explicit DataFileWriter(const std::string& path);
    ~DataFileWriter(); // without commit: leaves nothing behind
    DataFileWriter(DataFileWriter&&) noexcept;

    /// Names are letters, digits, '_', '-' and '.'; Error(data) otherwise or when the name is taken.
    int add_column(ColumnInfo column);
    /// Whole rows of a fixed column.
    void append(int column, std::span<const std::byte> rows);
    /// Rows of a ragged column: their elements one after another, and how many each row has.
    void append_ragged(int column, std::span<const std::byte> values, std::span<const int64_t> lengths);
    /// A column of another file, bytes and digests as they are (for label and split, which change neither).
    /// `column` may bring other labels, kind and name; dtype and shapes must agree. Returns its number.
    /// The bytes are copied at commit: `from` must live until then.
    int copy_column(const DataFileReader& from, int index, ColumnInfo column);

    void set_split(const std::string& name, std::span<const int64_t> rows);
    void set_meta(std::string json);
    void set_history(std::vector<std::string> records); // io/history.h
    /// Checks that all columns have as many rows, writes the structure, seals, renames. Returns the file's digest.
    Digest commit();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace ds
