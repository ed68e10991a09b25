// YAML trees in which each node knows its source, line and column, so that errors in model files and
// recipes name the place. Accepted: one document; keys are scalars and stand once; no tags. Aliases are
// expanded within max_nodes, so that a small file cannot grow without bound.
// yaml-cpp is confined to yaml_parse.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ds {

class Yaml {
public:
    struct Member;
    enum class Kind : uint8_t { null, scalar, list, map };
    static constexpr size_t max_bytes = size_t{4} << 20, max_nodes = 100'000;
    static constexpr int max_depth = 64;

    /// Reads one document; an empty text is null. `source` names it in errors: Error(config)
    /// "recipe.yaml:3:5: ..." for bad syntax, a key that stands twice, tags, or a limit passed.
    static Yaml parse(std::string_view text, const std::string& source);
    /// parse(read_file(path)); errors of read_file too.
    static Yaml load(const std::string& path);
    /// A scalar as text that reads back as the same string.
    static std::string quote(std::string_view text);

    Yaml() = default;
    Kind kind() const { return kind_; }
    bool is_null() const { return kind_ == Kind::null; }
    bool is_scalar() const { return kind_ == Kind::scalar; }
    bool is_list() const { return kind_ == Kind::list; }
    bool is_map() const { return kind_ == Kind::map; }
    // What an unquoted scalar would be read as.
    bool is_bool() const;
    bool is_int() const;
    bool is_number() const; // an integer is a number, too

    int line() const { return line_; } // from 1
    int column() const { return column_; }
    std::string where() const; // "recipe.yaml:3:5"
    /// Error(config): "recipe.yaml:3:5: message".
    [[noreturn]] void refuse(std::string_view message) const;
    /// True when a message of refuse() names a place in this source already.
    bool is_placed(std::string_view message) const;
    /// A null at this place: stands for options that were left out.
    Yaml null_here() const;
    /// The same tree with another text in each scalar, unquoted; `text` is given the scalar.
    Yaml with_scalars(const std::function<std::string(const Yaml&)>& text) const;

    // Error(config) naming the place when it is of another kind.
    bool as_bool() const;                 // true or false, unquoted
    int64_t as_int() const;               // decimal, unquoted
    double as_number() const;             // decimal, .inf, -.inf, .nan, unquoted
    const std::string& as_string() const; // any scalar's text
    const std::vector<Yaml>& items() const;
    const std::vector<Member>& members() const; // in the order of the file
    size_t size() const;                        // of a list or map; null has none

    const Yaml* find(std::string_view key) const; // null when absent or not a map
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    const Yaml& at(std::string_view key) const; // Error(config) naming map and key
    /// Error(config) for the first key that is not among `known`, naming the nearest one and listing all.
    void check_keys(std::span<const std::string_view> known) const;
    void check_keys(std::initializer_list<std::string_view> known) const {
        check_keys(std::span<const std::string_view>(known.begin(), known.size()));
    }

private:
    friend class YamlBuilder;
    Kind kind_ = Kind::null;
    bool quoted_ = false;
    int line_ = 1, column_ = 1;
    size_t nodes_ = 1; // in this tree, aliases expanded
    std::string text_;
    std::vector<Yaml> items_;
    std::vector<Member> members_;
    std::shared_ptr<const std::string> source_;
};

struct Yaml::Member {
    std::string key;
    int line = 1, column = 1; // of the key
    Yaml value;
};

} // namespace ds
