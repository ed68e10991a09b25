// Logs of training runs (ds-train --log), read back: a series of points for each thing that was measured.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ds {

/// What the run stood at when something was measured.
struct LogPlace {
    double step = 0, epoch = 0, samples = 0, seconds = 0; // samples and seconds since the log's beginning
};

struct LogPoint {
    LogPlace at;
    double value = 0;
};

struct RunLog {
    std::string name;                                    // what a legend calls it
    std::map<std::string, std::vector<LogPoint>> series; // by key: "loss", "val_top1", ...
    std::string decided_by; // the metric that --best goes by, as a key: "val_auc"; empty without a validation
};

/// A log's text. A last line that is cut short, of a run that goes on, is left out, and so are values that are not
/// finite (null). Error(data) naming the line that is no JSON object with a step.
RunLog parse_run_log(std::string_view text, const std::string& source);

/// Reads files; "-" is stdin. The names are the shortest that tell the paths apart, without their endings.
std::vector<RunLog> read_run_logs(const std::vector<std::string>& paths);

} // namespace ds
