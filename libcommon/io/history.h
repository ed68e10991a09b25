// The history chain of a model or data file: one JSON text per tool that had a hand in it, oldest first.
// A record holds what makes the file again and nothing that differs from run to run: no times, folders or
// output names. Inputs are named by their base name and digest; an input that a ds-tool made also names the
// record that made it, so that chains of several inputs can be merged and walked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"

namespace ds {

struct HistoryInput {
    std::string name;    // base name
    std::string digest;  // hex
    std::string made_by; // id of the record that made it; empty for a raw file
};

/// A file of layers that a model was made from, as it was then.
struct RecordedText {
    std::string name, text; // base name
};

struct HistoryRecord {
    std::string tool, version;          // "ds-train", "0.1.0"
    std::vector<std::string> arguments; // the resolved command's words without inputs' folders and outputs
    std::string options_json = "{}";    // resolved options: one JSON object
    std::optional<uint64_t> seed;
    std::vector<HistoryInput> inputs; // in the order of the command's positionals, then of its options
    std::string metrics_json = "{}";  // one JSON object
    RecordedText model_file;          // what a name or path of a model file stood for; both empty without one
};

/// A tool of this project that leaves records which its command makes again.
bool is_known_tool(const std::string& name);
/// The tool of a record that says: the content changed, and nobody knows by what.
inline constexpr const char* unknown_tool = "unknown";

/// Where record `number` of a chain stands in a file: "/history/0000".
std::string history_path(size_t number);
/// Of two such paths, which stands first: "/history/9999" before "/history/10000".
bool earlier_record(const std::string& path, const std::string& other);

std::string write_record(const HistoryRecord& record); // canonical JSON text; Error(bug) on bad JSON in it
HistoryRecord parse_record(const std::string& text);   // Error(data)
std::string record_id(const std::string& text);        // hex SHA-256 of the text
/// The chains of several inputs as one: each record once, makers before users.
std::vector<std::string> merge_history(const std::vector<std::vector<std::string>>& chains);
/// The id of a chain's last record, or "" when it is empty: what HistoryInput::made_by wants.
std::string maker(const std::vector<std::string>& chain);

} // namespace ds
