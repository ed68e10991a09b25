#include "report/history_report.h"

#include "base/error.h"
#include "base/escape.h"
#include "base/json.h"
#include "io/history.h"
#include "report/metric_text.h"

namespace ds {

/// Digests of the content: what it was, and what it was found to be when it was sealed.
static std::string unknown_change(const HistoryRecord& record) {
    const Json options = Json::parse(record.options_json, "history");
    return fmt::format(
        "changed by an unknown tool, and sealed by ds-info {}\n   content before {}\n   content after  {}\n",
        visible(record.version), visible(options.get<std::string>("before", "?")),
        visible(options.get<std::string>("after", "?")));
}

std::string history_text(const std::vector<std::string>& history) {
    std::string out;
    for (size_t i = 0; i < history.size(); ++i) {
        const HistoryRecord record = parse_record(history[i]);
        if (record.tool == unknown_tool) {
            out += fmt::format("{}. {}", i + 1, unknown_change(record));
            continue;
        }
        out += fmt::format("{}. {}", i + 1, visible(shell_word(record.tool)));
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
