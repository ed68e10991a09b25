// How the predictions of several targets print: each by its own task, under the name of its target.
#include <fmt/format.h>

#include "task/printing.h"

namespace ds {
namespace {

/// Calls each(part, its outputs) for every part.
template <class Each>
void each_part(Outputs x, const OutputNames& names, const Each& each) {
    size_t at = 0;
    for (const OutputPart& part : names.parts) {
        each(part, x.subspan(at, size_t(part.size)));
        at += size_t(part.size);
    }
}

bool usable(Outputs x, const OutputNames& names) {
    bool all = true;
    each_part(x, names,
              [&](const OutputPart& part, Outputs own) { all = all && part.printing->usable(own, part.names); });
    return all;
}

std::string words(Outputs x, const OutputNames& names) {
    std::string out;
    each_part(x, names, [&](const OutputPart& part, Outputs own) {
        const std::string said = part.printing->words(own, part.names);
        const bool named = part.names.target == part.name && said.starts_with(part.name + " "); // numbers say it
        out += fmt::format("{}{}{}", out.empty() ? "" : "; ", named ? "" : part.name + " ", said);
    });
    return out;
}

void json(Json& one, Outputs x, const OutputNames& names) {
    Json targets = Json::object();
    each_part(x, names, [&](const OutputPart& part, Outputs own) {
        Json own_json = Json::object();
        part.printing->json(own_json, own, part.names);
        targets.set(part.name, own_json);
    });
    one.set("targets", targets);
}

std::vector<std::string> columns(int64_t, const OutputNames& names) {
    std::vector<std::string> all;
    for (const OutputPart& part : names.parts)
        for (const std::string& column : part.printing->columns(part.size, part.names))
            all.push_back(part.field(column));
    return all;
}

std::vector<std::string> fields(Outputs x, const OutputNames& names) {
    std::vector<std::string> all;
    each_part(x, names, [&](const OutputPart& part, Outputs own) {
        const std::vector<std::string> said = part.printing->fields(own, part.names);
        all.insert(all.end(), said.begin(), said.end());
    });
    return all;
}

} // namespace

const Printing joint_printing{usable, words, json, columns, fields, nullptr, nullptr};

} // namespace ds
