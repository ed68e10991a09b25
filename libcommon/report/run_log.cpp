#include "report/run_log.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/json.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

constexpr size_t largest_log = size_t{1} << 31;

/// Keys that say where a line stands, not what was measured.
bool is_place(const std::string& key) {
    return key == "step" || key == "epoch" || key == "samples" || key == "seconds";
}

class Reader {
public:
    void add(const Json& line) {
        if (!line.contains("step") && line.contains("end")) return; // how the run ended
        place_.step = line.at("step").as_number();
        if (line.contains("epoch")) place_.epoch = line.at("epoch").as_number();
        if (line.contains("samples")) place_.samples += line.at("samples").as_number();
        if (line.contains("seconds")) place_.seconds += line.at("seconds").as_number();
        for (const auto& [key, value] : line.members())
            if (value.is_number() && !is_place(key)) log.series[key].push_back({place_, value.as_number()});
        if (const Json* by = line.find("decided_by")) log.decided_by = "val_" + by->as_string();
    }
    RunLog log;

private:
    LogPlace place_;
};

/// The last `parts` components of a path, without the ending.
std::string tail_of(const fs::path& path, size_t parts) {
    fs::path tail;
    size_t left = size_t(std::distance(path.begin(), path.end()));
    for (const fs::path& part : path)
        if (left-- <= parts) tail /= part;
    return tail.replace_extension().string();
}

std::vector<std::string> short_names(const std::vector<std::string>& paths) {
    std::vector<std::string> names;
    for (size_t parts = 1; parts <= 16; ++parts) {
        names.clear();
        for (const std::string& path : paths)
            names.push_back(path == "-" ? "stdin" : tail_of(fs::path(path).lexically_normal(), parts));
        if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) break;
    }
    return names;
}

} // namespace

RunLog parse_run_log(std::string_view text, const std::string& source) {
    Reader reader;
    int64_t number = 0;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        ++number;
        const bool is_cut = end == text.npos;
        text.remove_prefix(is_cut ? text.size() : end + 1);
        if (line.empty()) continue;
        try {
            reader.add(Json::parse(line, source));
        } catch (const Error&) {
            if (is_cut) break; // the run goes on
            fail(Exit::data, "{}: line {} is not one of a log of ds-train, which has JSON with a step", source, number);
        }
    }
    if (reader.log.series.empty())
        fail(Exit::data, "{}: no step of a run is in it; ds-train --log writes such files", source);
    return std::move(reader.log);
}

std::vector<RunLog> read_run_logs(const std::vector<std::string>& paths) {
    std::vector<RunLog> logs;
    const std::vector<std::string> names = short_names(paths);
    for (size_t i = 0; i < paths.size(); ++i) {
        logs.push_back(parse_run_log(read_file(paths[i], largest_log), input_name(paths[i])));
        logs.back().name = names[i];
    }
    return logs;
}

} // namespace ds
