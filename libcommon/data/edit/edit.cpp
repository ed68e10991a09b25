#include "data/edit/edit.h"

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
    if (info.dtype != DType::i32 || !info.item_shape.empty())
        fail(Exit::data, "{}: the target '{}' is not one class number a row", file.path(), info.name);
    std::vector<int32_t> classes(static_cast<size_t>(file.rows()));
    file.read(column, 0, file.rows(), classes.data());
    return classes;
}

} // namespace ds
