// What data files made from data files share: the record that an edit leaves, and the classes of a column.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/batch/source.h"
#include "io/history.h"

namespace ds {

/// What an edit leaves in the history.
struct EditRecord {
    std::string version;
    std::vector<std::string> arguments;
    std::string options_json = "{}";
    std::optional<uint64_t> seed;
    std::vector<HistoryInput> others = {}; // what was read besides the data file
};

/// The text of the record; and a file's history with it behind.
std::string edit_text(const EditRecord& edit, const std::vector<HistoryInput>& inputs);
std::vector<std::string> longer_history(const DataTable& from, const EditRecord& edit);
/// What the history says of data that was read: of each of its files.
std::vector<HistoryInput> inputs_of(const DataSource& source);

/// The rows of the file behind those of a source, in its order.
std::vector<int64_t> rows_of(const DataSource& source);
/// Appends rows of a file's column, ragged or fixed, to column `target` of a new file.
void append_rows(const DataTable& from, int column, const std::vector<int64_t>& rows, DataFileWriter& to, int target);

/// The class of every row. Error(data) where the column does not hold one class number a row.
std::vector<int32_t> read_classes(const DataTable& file, int column);

} // namespace ds
