#include "report/history_report.h"

#include "base/error.h"
#include "base/escape.h"
#include "base/json.h"
#include "io/history.h"
#include "report/metric_text.h"

namespace ds {

std::string history_text(const std::vector<std::string>& history) {
    std::string out;
    for (size_t i = 0; i < history.size(); ++i) {
        const HistoryRecord record = parse_record(history[i]);
        out += fmt::format("{}. {}", i + 1, visible(record.tool));
        for (const std::string& word : record.arguments) out += " " + visible(shell_word(word));
        out += fmt::format("\n   {} {}{}\n", visible(record.tool), visible(record.version),
                           record.seed ? fmt::format(", seed {}", *record.seed) : "");
        for (const HistoryInput& input : record.inputs)
            out += fmt::format("   read {}  {}\n", visible(input.name), visible(input.digest.substr(0, 16)));
        const Json metrics = Json::parse(record.metrics_json, "history");
        for (const auto& [name, value] : metrics.members())
            out += fmt::format("   {} {}\n", visible(name), metric_text(value));
    }
    return out;
}

} // namespace ds
