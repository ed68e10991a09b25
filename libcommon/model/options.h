// The options of one layer of a model file: read by name with defaults, expressions evaluated. Every key
// must be asked for: the rest is refused, naming file and line. A layer given as `kind: value` has that
// value under its main option.
#pragma once

#include <set>

#include "base/yaml.h"
#include "model/expression.h"

namespace ds {

class LayerOptions {
public:
    LayerOptions(std::string kind, const Yaml& yaml, const Variables& variables)
        : kind_(std::move(kind)), yaml_(yaml), variables_(variables) {}

    const std::string& kind() const { return kind_; }
    const Yaml& yaml() const { return yaml_; }
    /// The node of a key (or the bare value, when `key` is the layer's main option); null when absent.
    const Yaml* node(std::string_view key, bool main = false);
    bool has(std::string_view key) { return node(key) != nullptr; }

    /// An integer of at least `least`.
    int64_t required(std::string_view key, bool main = false, int64_t least = 1);
    int64_t integer(std::string_view key, int64_t fallback, bool main = false);
    double number(std::string_view key, double fallback, bool main = false);
    bool boolean(std::string_view key, bool fallback);
    std::string string(std::string_view key, const std::string& fallback, bool main = false);
    std::vector<std::string> strings(std::string_view key); // a text or a list of texts
    /// One integer of at least `least` for both axes, or a list of two.
    std::vector<int64_t> pair(std::string_view key, int64_t fallback, bool main = false, int64_t least = 1);
    /// Error(config) for a key that no one asked for.
    void done() const;

private:
    ModelValue value(const Yaml& node) const;
    int64_t integer_of(const Yaml& node, std::string_view key, int64_t least = 0) const;

    std::string kind_;
    const Yaml& yaml_;
    const Variables& variables_;
    std::set<std::string, std::less<>> asked_;
};

} // namespace ds
