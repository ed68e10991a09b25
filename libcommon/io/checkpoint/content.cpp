#include "io/checkpoint/content.h"

#include <fmt/format.h>

#include "base/json.h"

namespace ds {
namespace {

std::string sha(const std::string& text) { return to_hex(sha256(std::as_bytes(std::span(text)))); }

Digest digest_of(const TensorRecord& r) { return r.tensor.empty() ? r.digest : tree_digest(r.tensor.bytes_span()); }

std::string type_of(const TensorRecord& r) {
    const bool loaded = !r.tensor.empty();
    return fmt::format("{}{}", name(loaded ? r.tensor.dtype() : r.dtype), text(loaded ? r.tensor.shape() : r.shape));
}

/// By name, so that the order in which a program holds its tensors does not matter.
std::map<std::string, const TensorRecord*> by_name(const std::vector<TensorRecord>& records) {
    std::map<std::string, const TensorRecord*> sorted;
    for (const TensorRecord& r : records) sorted[r.name] = &r;
    return sorted;
}

/// A name or value with whatever characters, as one word without ends of lines.
std::string word(const std::string& text) { return Json(text).dump(); }

void add_text(std::string& all, const char* part, const std::string& text) {
    if (!text.empty()) all += fmt::format("{} {}\n", part, sha(text));
}

void add_tensors(std::string& all, const char* part, const std::vector<TensorRecord>& records,
                 const TensorDigest& digest) {
    for (const auto& [name, r] : by_name(records)) {
        all += fmt::format("{} {} {} {}", part, word(name), type_of(*r), to_hex(digest(*r)));
        for (const auto& [key, value] : r->attributes) all += " " + word(key) + "=" + word(value);
        all += "\n";
    }
}

} // namespace

Digest content_digest(const Checkpoint& c, const TensorDigest& tensor) {
    const TensorDigest digest = tensor ? tensor : TensorDigest(digest_of);
    std::string all = "ds-content-1\nkind " + c.kind + "\n";
    for (const auto& [key, value] : c.attributes) all += "attribute " + word(key) + " " + word(value) + "\n";
    add_text(all, "graph", c.graph_text);
    for (const std::string& label : c.labels) all += "label " + word(label) + "\n";
    add_text(all, "preprocessing", c.preprocessing_json);
    add_text(all, "tokenizer", c.tokenizer_json);
    add_tensors(all, "parameter", c.parameters, digest);
    add_tensors(all, "state", c.state, digest);
    add_text(all, "run_state", c.run_state_json);
    for (const std::string& record : c.history) add_text(all, "history", record);
    return sha256(std::as_bytes(std::span(all)));
}

Digest model_digest(const Checkpoint& checkpoint) {
    std::map<std::string, std::string> lines;
    const auto describe = [&](const std::vector<TensorRecord>& records, const char* root) {
        for (const TensorRecord& r : records)
            lines[std::string(root) + " " + r.name] = type_of(r) + " " + to_hex(digest_of(r));
    };
    describe(checkpoint.parameters, "parameter");
    describe(checkpoint.state, "state");
    std::string all = "ds-model-1\n" + sha(checkpoint.graph_text) + "\n";
    for (const auto& [name, line] : lines) all += name + " " + line + "\n";
    return sha256(std::as_bytes(std::span(all)));
}

} // namespace ds
