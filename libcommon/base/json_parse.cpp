// JSON text to a document over nlohmann-json's event parser: the events build our ordered tree, so that
// keys that stand twice, depth and integer range are checked while reading.
#include "base/json.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.h"

namespace ds {
namespace {

/// Characters of the text; remembers how far the lexer has read, so that events can name a line.
struct Cursor {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at;
    const char** furthest;
    reference operator*() const { return *at; }
    Cursor& operator++() {
        *furthest = ++at;
        return *this;
    }
    Cursor operator++(int) {
        Cursor old = *this;
        ++*this;
        return old;
    }
    bool operator==(const Cursor& other) const { return at == other.at; }
    bool operator!=(const Cursor& other) const { return at != other.at; }
};

/// nlohmann says "[json.exception...] parse error at line 1, column 2: what; more": people need the "what".
std::string plain_reason(const std::string& message) {
    const size_t colon = message.find(": ");
    std::string reason = colon == std::string::npos ? message : message.substr(colon + 2);
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    return reason;
}

} // namespace

class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
public:
    JsonBuilder(std::string_view text, const std::string& source) : text_(text), source_(source) {}

    Json build() {
        furthest_ = text_.data();
        nlohmann::json::sax_parse(Cursor{text_.data(), &furthest_}, Cursor{text_.data() + text_.size(), &furthest_},
                                  this);
        return std::move(root_);
    }

    bool null() override { return add(Json()); }
    bool boolean(bool value) override { return add(Json(value)); }
    bool number_integer(number_integer_t value) override { return add(Json(value)); }
    bool number_unsigned(number_unsigned_t value) override {
        if (value > uint64_t(std::numeric_limits<int64_t>::max()))
            refuse("the integer {} does not fit in 64 bits", value);
        return add(Json(int64_t(value)));
    }
    bool number_float(number_float_t value, const string_t& digits) override {
        if (digits.find_first_of(".eE") == std::string::npos) refuse("the integer {} does not fit in 64 bits", digits);
        return add(Json(value));
    }
    bool string(string_t& value) override { return add(Json(std::move(value))); }
    bool binary(binary_t&) override { return false; } // JSON text has none
    bool start_object(size_t) override { return open(Json::object()); }
    bool start_array(size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        if (!levels_.back().keys.insert(name).second) refuse("the key {} stands twice", Json(name).dump());
        levels_.back().key = name;
        return true;
    }
    bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
        refuse("not JSON: {}", plain_reason(error.what()));
    }

private:
    struct Level {
        Json value;
        std::string key;
        std::unordered_set<std::string> keys;
    };

    template <class... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
        const auto line = 1 + std::count(text_.data(), furthest_, '\n');
        fail(Exit::data, "{}:{}: {}", source_, line, fmt::format(format, std::forward<Args>(args)...));
    }
    bool add(Json value) {
        if (levels_.empty()) {
            root_ = std::move(value);
            return true;
        }
        Level& level = levels_.back();
        if (level.value.is_array()) level.value.push(std::move(value));
        else std::get<Json::Members>(level.value.value_).emplace_back(level.key, std::move(value));
        return true;
    }
    bool open(Json empty) {
        if (levels_.size() >= size_t(Json::max_depth)) refuse("nested deeper than {} levels", Json::max_depth);
        levels_.push_back({std::move(empty), {}, {}});
        return true;
    }
    bool close() {
        Json done = std::move(levels_.back().value);
        levels_.pop_back();
        return add(std::move(done));
    }

    std::string_view text_;
    const std::string& source_;
    const char* furthest_ = nullptr;
    Json root_;
    std::vector<Level> levels_;
};

Json Json::parse(std::string_view text, const std::string& source) { return JsonBuilder(text, source).build(); }

} // namespace ds
