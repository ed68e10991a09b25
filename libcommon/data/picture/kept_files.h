// Pictures that a data set keeps as the files they were: JPEG takes a tenth of its pixels. Their column holds rows of
// bytes of any length; a table over the file shows it as the fixed column of pixels that a model takes, decoded by the
// rule of the import whenever rows are read. All that uses pixels sees the latter, all that copies rows the former.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "data/picture/rule.h"
#include "io/data_file/data_table.h"

namespace ds {

/// A column u8, ragged, of kind "encoded", of pictures that become [channels, height, width] by the rule that the
/// metadata of the file has for it.
ColumnInfo encoded_column(const std::string& name, int64_t channels, int64_t height, int64_t width);
bool is_encoded(const ColumnInfo& column);

/// The table itself where none of its columns is encoded; else one over it, which shows images.
/// Error(data) for such a column without a size or a rule.
std::shared_ptr<const DataTable> decoded(std::shared_ptr<const DataTable> stored);

class DecodedTable final : public DataTable {
public:
    explicit DecodedTable(std::shared_ptr<const DataTable> stored);

    const std::string& path() const override { return stored_->path(); }
    const std::vector<ColumnInfo>& columns() const override { return columns_; }
    int64_t rows() const override { return stored_->rows(); }
    const std::string& meta() const override { return stored_->meta(); }
    const std::vector<std::string>& history() const override { return stored_->history(); }
    std::vector<std::string> splits() const override { return stored_->splits(); }
    std::vector<int64_t> split(const std::string& name) const override { return stored_->split(name); }
    /// Of an encoded column: decoded by the caller's thread. Error(data) naming the row for what is no picture, or one
    /// of another size.
    void read(int column, int64_t begin, int64_t count, void* out) const override;
    void gather(int column, std::span<const int64_t> rows, void* out) const override;
    void read_values(int column, int64_t begin, int64_t count, void* out) const override;
    void will_need(int column, int64_t begin, int64_t count) const override;
    std::vector<int64_t> offsets(int column) const override;
    int64_t elements(int column) const override;
    int64_t stored_row_bytes(int column) const override { return stored_->stored_row_bytes(column); }
    /// The file and its pixels before they are sized, of the largest of the files, which stands for all.
    int64_t reading_bytes(int column) const override;
    int64_t kept_bytes(int column) const override;
    Digest file_digest() const override { return stored_->file_digest(); }

private:
    struct Encoded {
        PictureRule rule;
        std::vector<int64_t> offsets; // of each row's bytes
        std::shared_ptr<std::once_flag> measured = std::make_shared<std::once_flag>();
        mutable int64_t reading_bytes = 0; // known once it was asked for: a picture is decoded for it
    };
    const Encoded* encoded(int column) const;
    void decode(int column, const Encoded& how, int64_t row, void* out) const;
    int64_t measure(int column, const Encoded& how) const;

    std::shared_ptr<const DataTable> stored_;
    std::vector<ColumnInfo> columns_; // as they are shown
    std::map<int, Encoded> encoded_;
};

} // namespace ds
