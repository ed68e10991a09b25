#include "io/history.h"

#include <set>

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"

namespace ds {

namespace {

Json embedded(const std::string& text, const char* what) {
    Json value = Json::parse(text.empty() ? "{}" : text, what);
    if (!value.is_object()) bug("{} of a history record is not a JSON object", what);
    return value;
}

Json input_json(const HistoryInput& input) {
    Json value = Json::object();
    value.set("name", input.name).set("digest", input.digest);
    if (!input.made_by.empty()) value.set("made_by", input.made_by);
    return value;
}

HistoryInput parse_input(const Json& value) {
    return {value.get<std::string>("name"), value.get<std::string>("digest"),
            value.get<std::string>("made_by", std::string())};
}

Json text_json(const RecordedText& file) {
    Json value = Json::object();
    return value.set("name", file.name).set("text", file.text);
}

// A seed has 64 bits without sign, a JSON integer has one: large seeds are written as text.
Json seed_json(uint64_t seed) {
    if (seed <= uint64_t(INT64_MAX)) return int64_t(seed);
    return std::to_string(seed);
}

uint64_t parse_seed(const Json& value) {
    if (value.is_int() && value.as_int() >= 0) return uint64_t(value.as_int());
    const std::string& text = value.as_string();
    if (text.empty() || text.size() > 20 || text.find_first_not_of("0123456789") != text.npos)
        fail(Exit::data, "a history record has the seed '{}', which is not a number", text);
    return std::stoull(text);
}

} // namespace

std::string history_path(size_t number) { return fmt::format("/history/{:04}", number); }

bool earlier_record(const std::string& path, const std::string& other) {
    return path.size() != other.size() ? path.size() < other.size() : path < other;
}

std::string write_record(const HistoryRecord& record) {
    Json value = Json::object();
    value.set("tool", record.tool).set("version", record.version);
    value.set("arguments", Json(record.arguments));
    value.set("options", embedded(record.options_json, "options"));
    if (record.seed) value.set("seed", seed_json(*record.seed));
    Json inputs = Json::array();
    for (const HistoryInput& input : record.inputs) inputs.push(input_json(input));
    value.set("inputs", std::move(inputs));
    value.set("metrics", embedded(record.metrics_json, "metrics"));
    if (!record.model_file.name.empty()) value.set("model_file", text_json(record.model_file));
    return value.dump();
}

HistoryRecord parse_record(const std::string& text) {
    const Json value = Json::parse(text, "a history record");
    HistoryRecord record;
    record.tool = value.get<std::string>("tool");
    record.version = value.get<std::string>("version");
    for (const Json& word : value.at("arguments").items()) record.arguments.push_back(word.as_string());
    record.options_json = value.at("options").dump();
    if (const Json* seed = value.find("seed")) record.seed = parse_seed(*seed);
    for (const Json& input : value.at("inputs").items()) record.inputs.push_back(parse_input(input));
    record.metrics_json = value.at("metrics").dump();
    if (const Json* file = value.find("model_file"))
        record.model_file = {file->get<std::string>("name"), file->get<std::string>("text")};
    return record;
}

bool is_known_tool(const std::string& name) { return name == "ds-data" || name == "ds-train"; }

std::string record_id(const std::string& text) { return to_hex(sha256(std::as_bytes(std::span(text)))); }

std::vector<std::string> merge_history(const std::vector<std::vector<std::string>>& chains) {
    std::vector<std::string> merged;
    std::set<std::string> seen;
    for (const auto& chain : chains)
        for (const std::string& text : chain)
            if (seen.insert(text).second) merged.push_back(text);
    return merged;
}

std::string maker(const std::vector<std::string>& chain) { return chain.empty() ? "" : record_id(chain.back()); }

} // namespace ds
