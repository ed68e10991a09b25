// Several data tables that are read as one: the rows of the first, of the second, and so on. They have the same
// columns; categories and classes that files number otherwise are numbered anew, by name, and floats of 32 bits beside
// ones of 64 are of 64. Nothing is read before it is asked for.
#pragma once

#include <memory>

#include "io/data_file/data_table.h"

namespace ds {

class DataSet final : public DataTable {
public:
    /// Error(data) naming two parts, the column and what differs: a column that one lacks, another type, shape or kind,
    /// names against numbers, pictures that were imported by another rule. Names of rows that not all parts have
    /// are left out.
    explicit DataSet(std::vector<std::shared_ptr<const DataTable>> parts);

    const std::string& path() const override { return path_; } // "a.h5 and 2 more"
    const std::vector<ColumnInfo>& columns() const override { return columns_; }
    int64_t rows() const override { return starts_.back(); }
    /// As that of the parts joined to one file would be: statistics weighted by the rows that they are of.
    const std::string& meta() const override { return meta_; }
    const std::vector<std::string>& history() const override { return history_; }
    std::vector<std::string> splits() const override; // those that all parts have
    std::vector<int64_t> split(const std::string& name) const override;
    void read(int column, int64_t begin, int64_t count, void* out) const override;
    void gather(int column, std::span<const int64_t> rows, void* out) const override;
    void read_values(int column, int64_t begin, int64_t count, void* out) const override;
    void will_need(int column, int64_t begin, int64_t count) const override;
    std::vector<int64_t> offsets(int column) const override;
    int64_t elements(int column) const override;
    int64_t reading_bytes(int column) const override; // the part that takes most
    int64_t kept_bytes(int column) const override;
    Digest file_digest() const override; // of the parts' digests, in their order

    const std::vector<std::shared_ptr<const DataTable>>& parts() const { return parts_; }
    int64_t first_row(size_t part) const { return starts_[part]; }
    size_t part_of(int64_t row) const;
    /// Error(data) where the parts' statistics are of splits of different names, or some have none for a column.
    void check_statistics() const;

private:
    /// A column of a part: where it stands there, and the set's number for each of its names where they differ.
    struct PartColumn {
        int index = 0;
        std::vector<int32_t> numbers;
    };
    void leave_out_names_of_rows();
    void take_columns(size_t part);
    void join_names(size_t column);
    [[noreturn]] void refuse_names(size_t column, const std::vector<const std::vector<std::string>*>& lists) const;
    void fit(size_t part, int column, int64_t count, void* values) const; // rows of a part, as the set has them
    void widen(int column, int64_t count, void* values) const;
    void renumber(size_t part, int column, int64_t count, void* values) const;
    const PartColumn& in(size_t part, int column) const { return at_[part][size_t(column)]; }

    std::vector<std::shared_ptr<const DataTable>> parts_;
    std::vector<int64_t> starts_; // the first row of each part, and the number of rows
    std::vector<ColumnInfo> columns_;
    std::vector<std::vector<PartColumn>> at_; // by part and column
    std::string path_, meta_;
    std::vector<std::string> history_;
};

} // namespace ds
