// JSON documents: history, run state, logs and --json output. Objects keep the order in which keys
// were set; a key stands once. Integers are 64 bits and stay apart from numbers with a fraction, and
// a number is printed with the fewest digits that read back as the same double.
// nlohmann-json is confined to json.cpp and json_parse.cpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ds {

class Json {
public:
    using Items = std::vector<Json>;
    using Members = std::vector<std::pair<std::string, Json>>;
    static constexpr int max_depth = 100;

    Json() = default; // null
    Json(std::nullptr_t) {}
    Json(std::same_as<bool> auto value) : value_(bool(value)) {}
    Json(std::signed_integral auto value) : value_(int64_t(value)) {}
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) Json(T value) : value_(from_unsigned(value)) {}
    Json(std::floating_point auto value) : value_(double(value)) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(const char* value) : value_(std::string(value)) {}
    template <class T>
    Json(const std::vector<T>& values) : value_(Items(values.begin(), values.end())) {}
    static Json array(Items items = {});
    static Json object();

    /// Reads one document. `source` names it in errors: Error(data) "run.json:3: ..." for bad syntax, a
    /// key that stands twice, nesting beyond max_depth, an integer beyond 64 bits.
    static Json parse(std::string_view text, const std::string& source);
    /// indent < 0: one line without blanks; otherwise that many blanks a level. Bytes that are not
    /// UTF-8 become U+FFFD, and NaN and the infinities, which JSON lacks, become null.
    std::string dump(int indent = -1) const;

    bool is_null() const { return value_.index() == 0; }
    bool is_bool() const { return value_.index() == 1; }
    bool is_int() const { return value_.index() == 2; }
    bool is_number() const { return value_.index() == 2 || value_.index() == 3; } // an integer is a number, too
    bool is_string() const { return value_.index() == 4; }
    bool is_array() const { return value_.index() == 5; }
    bool is_object() const { return value_.index() == 6; }

    // Error(data) when it is of another kind.
    bool as_bool() const;
    int64_t as_int() const;
    double as_number() const;
    const std::string& as_string() const;
    const Items& items() const;
    const Members& members() const;
    size_t size() const; // of an array or object

    bool contains(std::string_view key) const { return find(key) != nullptr; }
    const Json* find(std::string_view key) const; // null when absent or not an object
    const Json& at(std::string_view key) const;   // Error(data) naming the key
    const Json& at(size_t index) const;           // Error(data)
    /// The value of a key as bool, int64_t, double or std::string: Error(data) naming the key when it is
    /// absent (or, with a fallback, only when it is of another kind).
    template <class T>
    T get(std::string_view key) const;
    template <class T>
    T get(std::string_view key, T fallback) const {
        return contains(key) ? get<T>(key) : fallback;
    }

    Json& set(std::string_view key, Json value); // null becomes an object; replaces or appends; returns *this
    Json& operator[](std::string_view key);      // null becomes an object; appends null when absent
    Json& push(Json value);                      // null becomes an array; returns *this

    bool operator==(const Json&) const = default;

private:
    friend class JsonBuilder;
    static int64_t from_unsigned(uint64_t value); // Error(data) beyond int64
    std::variant<std::monostate, bool, int64_t, double, std::string, Items, Members> value_;
};

template <>
bool Json::get<bool>(std::string_view key) const;
template <>
int64_t Json::get<int64_t>(std::string_view key) const;
template <>
double Json::get<double>(std::string_view key) const;
template <>
std::string Json::get<std::string>(std::string_view key) const;

} // namespace ds
