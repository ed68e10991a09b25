// YAML trees in memory: access with errors that name the place, and writing of scalars.
#include "base/yaml.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/names.h"

namespace ds {

Yaml Yaml::load(const std::string& path) { return parse(read_file(path, max_bytes), path); }

// ------------------------------------------------------------------------------------------ places

std::string Yaml::where() const { return fmt::format("{}:{}:{}", source_ ? *source_ : "yaml", line_, column_); }

void Yaml::refuse(std::string_view message) const { fail(Exit::config, "{}: {}", where(), message); }

bool Yaml::is_placed(std::string_view message) const {
    return message.starts_with((source_ ? *source_ : "yaml") + ":");
}

Yaml Yaml::null_here() const {
    Yaml null;
    null.line_ = line_;
    null.column_ = column_;
    null.source_ = source_;
    return null;
}

Yaml Yaml::with_scalars(const std::function<std::string(const Yaml&)>& text) const {
    Yaml copy = *this;
    if (is_scalar()) {
        copy.text_ = text(*this);
        copy.quoted_ = false;
    }
    for (Yaml& item : copy.items_) item = item.with_scalars(text);
    for (Member& member : copy.members_) member.value = member.value.with_scalars(text);
    return copy;
}

// ----------------------------------------------------------------------------------------- scalars

namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// from_chars reads "inf" and "nan" as well, which in YAML are words.
std::optional<double> parse_real(std::string_view text) {
    if (text == ".inf" || text == "+.inf") return std::numeric_limits<double>::infinity();
    if (text == "-.inf") return -std::numeric_limits<double>::infinity();
    if (text == ".nan") return std::numeric_limits<double>::quiet_NaN();
    if (text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
    return parse_number<double>(text);
}

} // namespace

bool Yaml::is_bool() const { return is_scalar() && !quoted_ && (text_ == "true" || text_ == "false"); }
bool Yaml::is_int() const { return is_scalar() && !quoted_ && parse_number<int64_t>(text_); }
bool Yaml::is_number() const { return is_scalar() && !quoted_ && parse_real(text_); }

namespace {

std::string found(const Yaml& node) {
    switch (node.kind()) {
    case Yaml::Kind::null: return "nothing found";
    case Yaml::Kind::list: return "a list found";
    case Yaml::Kind::map: return "a map found";
    case Yaml::Kind::scalar: break;
    }
    return fmt::format("\"{}\" found", node.as_string().substr(0, 60));
}

} // namespace

bool Yaml::as_bool() const {
    if (!is_bool()) refuse("true or false expected, " + found(*this));
    return text_ == "true";
}
int64_t Yaml::as_int() const {
    if (!is_int()) refuse("an integer expected, " + found(*this));
    return *parse_number<int64_t>(text_);
}
double Yaml::as_number() const {
    if (!is_number()) refuse("a number expected, " + found(*this));
    return *parse_real(text_);
}
const std::string& Yaml::as_string() const {
    if (!is_scalar()) refuse("a word expected, " + found(*this));
    return text_;
}

// ---------------------------------------------------------------------------------- lists and maps

const std::vector<Yaml>& Yaml::items() const {
    if (!is_list()) refuse("a list expected, " + found(*this));
    return items_;
}
const std::vector<Yaml::Member>& Yaml::members() const {
    if (!is_map()) refuse("a map (key: value) expected, " + found(*this));
    return members_;
}
size_t Yaml::size() const { return is_map() ? members_.size() : is_null() ? 0 : items().size(); }

const Yaml* Yaml::find(std::string_view key) const {
    for (const Member& member : members_)
        if (member.key == key) return &member.value;
    return nullptr;
}

const Yaml& Yaml::at(std::string_view key) const {
    members();
    if (const Yaml* value = find(key)) return *value;
    refuse(fmt::format("the key \"{}\" is missing", key));
}

void Yaml::check_keys(std::span<const std::string_view> known) const {
    for (const Member& member : members()) {
        if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
        fail(Exit::config, "{}:{}:{}: unknown key \"{}\"{}", source_ ? *source_ : "yaml", member.line, member.column,
             member.key, name_hint(member.key, known));
    }
}

// ----------------------------------------------------------------------------------------- writing

namespace {

bool plain(std::string_view text) {
    constexpr std::string_view words[] = {"null", "Null",  "NULL", "true", "false", "True", "False",
                                          "TRUE", "FALSE", "yes",  "no",   "on",    "off",  "y",
                                          "n",    "Yes",   "No",   "On",   "Off",   "Y",    "N"};
    if (std::find(std::begin(words), std::end(words), text) != std::end(words)) return false;
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/'; };
    const auto inner = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !text.empty() && letter(text[0]) && std::all_of(text.begin(), text.end(), inner);
}

} // namespace

std::string Yaml::quote(std::string_view text) {
    if (plain(text)) return std::string(text);
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out.append(1, '\\').append(1, c);
        else if (c == '\n') out += "\\n";
        else if (uint8_t(c) < 0x20 || uint8_t(c) == 0x7f) out += fmt::format("\\x{:02x}", uint8_t(c));
        else out += c;
    }
    return out + '"';
}

} // namespace ds
