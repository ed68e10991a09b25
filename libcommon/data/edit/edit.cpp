#include "data/edit/edit.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"

namespace ds {

std::string edit_text(const EditRecord& edit, const std::vector<HistoryInput>& inputs) {
    HistoryRecord record;
    record.tool = "ds-data";
    record.version = edit.version;
    record.arguments = edit.arguments;
    record.options_json = edit.options_json;
    record.seed = edit.seed;
    record.inputs = inputs;
    return write_record(record);
}

std::vector<std::string> longer_history(const DataTable& from, const EditRecord& edit) {
    std::vector<std::string> history = from.history();
    std::vector<HistoryInput> inputs{{base_name(from.path()), to_hex(from.file_digest()), maker(from.history())}};
    inputs.insert(inputs.end(), edit.others.begin(), edit.others.end());
    history.push_back(edit_text(edit, inputs));
    return history;
}

std::vector<HistoryInput> inputs_of(const DataSource& source) {
    std::vector<HistoryInput> all;
    const std::string split = source.split().empty() ? "" : ":" + source.split();
    for (const auto& file : source.files())
        all.push_back({base_name(file->path()) + split, to_hex(file->file_digest()), maker(file->history())});
    return all;
}

std::vector<int32_t> read_classes(const DataTable& file, int column) {
    const ColumnInfo& info = file.columns()[size_t(column)];
    if (info.dtype != DType::i32 || info.ragged || !info.item_shape.empty())
        fail(Exit::data, "{}: the target '{}' is not one class number a row", file.path(), info.name);
    std::vector<int32_t> classes(static_cast<size_t>(file.rows()));
    file.read(column, 0, file.rows(), classes.data());
    return classes;
}

void append_rows(const DataTable& from, int column, const std::vector<int64_t>& rows, DataFileWriter& to, int target) {
    const ColumnInfo& info = from.columns()[size_t(column)];
    constexpr int64_t at_a_time = 4096;
    std::vector<std::byte> buffer;
    if (info.ragged) {
        const std::vector<int64_t> offsets = from.offsets(column);
        for (int64_t row : rows) {
            const int64_t length = offsets[size_t(row) + 1] - offsets[size_t(row)];
            buffer.resize(size_t(length * info.item_bytes()));
            from.read_values(column, offsets[size_t(row)], length, buffer.data());
            to.append_ragged(target, buffer, std::span(&length, 1));
        }
        return;
    }
    for (size_t at = 0; at < rows.size(); at += size_t(at_a_time)) {
        const size_t n = std::min(rows.size() - at, size_t(at_a_time));
        buffer.resize(n * size_t(info.item_bytes()));
        from.gather(column, std::span(rows).subspan(at, n), buffer.data());
        to.append(target, buffer);
    }
}

std::vector<int64_t> rows_of(const DataSource& source) {
    std::vector<int64_t> rows;
    for (int64_t i = 0; i < source.rows(); ++i) rows.push_back(source.file_row(i));
    return rows;
}

} // namespace ds
