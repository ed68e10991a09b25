#include "data/edit/select.h"

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "base/names.h"

namespace ds {
namespace {

int find_known(const DataTable& file, const std::string& name) {
    const int column = file.find(name);
    if (column >= 0) return column;
    std::vector<std::string_view> names;
    for (const ColumnInfo& info : file.columns()) names.push_back(info.name);
    fail(Exit::usage, "{}: there is no column '{}'{}", file.path(), shown(name), name_hint(name, names));
}

std::vector<int> chosen_columns(const DataTable& file, const SelectRequest& request) {
    std::vector<int> chosen, dropped;
    for (const std::string& name : request.drop) dropped.push_back(find_known(file, name));
    for (const std::string& name : request.columns) {
        const int column = find_known(file, name);
        if (std::ranges::count(chosen, column)) fail(Exit::usage, "column '{}' is named twice", name);
        chosen.push_back(column);
    }
    for (int c = 0; request.columns.empty() && c < int(file.columns().size()); ++c)
        if (!std::ranges::count(dropped, c)) chosen.push_back(c);
    if (chosen.empty()) fail(Exit::usage, "{}: no column is left", file.path());
    return chosen;
}

/// Of the metadata what is said of these columns, and what is said of all.
std::string meta_of(const DataTable& file, const std::vector<std::string>& names) {
    if (file.meta().empty()) return "";
    Json meta = Json::parse(file.meta(), file.path());
    for (const char* part : {"statistics", "unseen", "pictures"}) {
        const Json* all = meta.find(part);
        if (!all) continue;
        Json kept = Json::object();
        for (const auto& [name, value] : all->members())
            if (std::ranges::count(names, name)) kept.set(name, value);
        meta.set(part, kept);
    }
    return meta.dump();
}

} // namespace

int64_t select_columns(const SelectRequest& request, const EditRecord& record) {
    if (request.columns.empty() == request.drop.empty())
        fail(Exit::usage, "select takes --columns to keep, or --drop for those to leave out");
    const DataFileReader from(request.input);
    const std::vector<int> chosen = chosen_columns(from, request);
    DataFileWriter to(request.output);
    std::vector<std::string> names;
    for (const int column : chosen) {
        names.push_back(from.columns()[size_t(column)].name);
        to.copy_column(from, column, from.columns()[size_t(column)]);
    }
    for (const std::string& split : from.splits()) to.set_split(split, from.split(split));
    to.set_meta(meta_of(from, names));
    to.set_history(longer_history(from, record));
    to.commit();
    return int64_t(chosen.size());
}

} // namespace ds
