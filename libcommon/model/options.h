// The options of a layer or loss of a model file: declared as rows, read by name, expressions evaluated. A key that
// no row declares is refused where it stands, naming the nearest and all known ones. What is given as `kind: value`
// is the value of the main option.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/yaml.h"
#include "graph/graph.h"
#include "model/expression.h"

namespace ds {

enum class OptionType : uint8_t {
    size,     // a whole number of at least 1
    whole,    // a whole number of at least 0
    integer,  // a whole number
    number,   // a number within [least, most]
    truth,    // true or false
    word,     // a text
    words,    // a text or a list of texts
    sizes,    // one size for both axes, or [height, width]
    paddings, // one whole number for both axes, or [height, width]
    init,     // an initialisation: a row of graph/init.h
    layers    // a list of layers
};

struct OptionRow {
    std::string_view name;
    OptionType type;
    std::optional<std::string_view> fallback; // as a file would have it; "" for nothing, or `needed`
    std::string_view doc;
    double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
};
constexpr std::nullopt_t needed = std::nullopt;

class LayerOptions {
public:
    /// Error(config) for a key that is in no row, unless `open`, and for a value where no option is the main one.
    LayerOptions(std::string_view kind, std::vector<OptionRow> rows, std::string_view main, const Yaml& yaml,
                 const Variables& variables, bool open = false);

    const std::string& kind() const { return kind_; }
    const Yaml& yaml() const { return yaml_; }
    /// What was given under a key; null when nothing was.
    const Yaml* node(std::string_view key) const;
    bool has(std::string_view key) const { return node(key) != nullptr; }

    // The value given, else the row's fallback. Error(config) naming file and line when it is of another kind or not
    // within its bounds, or when one that is needed is missing.
    int64_t integer(std::string_view key) const;
    double number(std::string_view key) const;
    bool truth(std::string_view key) const;
    std::string word(std::string_view key) const;
    std::vector<std::string> words(std::string_view key) const;
    std::vector<int64_t> pair(std::string_view key) const;
    Init init(std::string_view key) const;
    const Yaml& layers(std::string_view key) const;
    /// The value of a node of these options.
    ModelValue value(const Yaml& node) const;

private:
    const OptionRow& row(std::string_view key) const;
    const Yaml& place(std::string_view key) const; // of the key's value, else of the layer
    ModelValue value(std::string_view key) const;
    int64_t integer_of(const ModelValue& value, const OptionRow& row, const Yaml& place) const;

    std::string kind_;
    std::vector<OptionRow> rows_;
    std::string main_;
    const Yaml& yaml_;
    const Variables& variables_;
};

/// "he_normal" or "normal(0.02)". Error(config) naming the known ones, or what is wrong with the number.
Init parse_init(std::string_view word);

} // namespace ds
