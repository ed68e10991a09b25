// JSON documents in memory: access with errors that name keys, and writing.
#include "base/json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace ds {
namespace {

constexpr const char* kind_names[] = {"null",     "true or false", "an integer", "a number",
                                      "a string", "an array",      "an object"};

std::string json_text(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string number_text(double value) {
    if (!std::isfinite(value)) return "null";
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

} // namespace

Json Json::array(Items items) {
    Json value;
    value.value_ = std::move(items);
    return value;
}

Json Json::object() {
    Json value;
    value.value_ = Members{};
    return value;
}

int64_t Json::from_unsigned(uint64_t value) {
    if (value > uint64_t(std::numeric_limits<int64_t>::max()))
        fail(Exit::data, "{} does not fit in a JSON integer of 64 bits", value);
    return int64_t(value);
}

// ---------------------------------------------------------------------------------------- writing

namespace {

void write(const Json& value, int indent, int depth, std::string& out);

void new_line(int indent, int depth, std::string& out) {
    if (indent >= 0) out.append(1, '\n').append(size_t(indent) * size_t(depth), ' ');
}

void write_items(const Json& value, int indent, int depth, std::string& out) {
    out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ',';
        new_line(indent, depth + 1, out);
        write(value.items()[i], indent, depth + 1, out);
    }
    if (value.size() > 0) new_line(indent, depth, out);
    out += ']';
}

void write_members(const Json& value, int indent, int depth, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : value.members()) {
        if (!first) out += ',';
        first = false;
        new_line(indent, depth + 1, out);
        out += json_text(key);
        out += indent >= 0 ? ": " : ":";
        write(member, indent, depth + 1, out);
    }
    if (value.size() > 0) new_line(indent, depth, out);
    out += '}';
}

void write(const Json& value, int indent, int depth, std::string& out) {
    if (value.is_null()) out += "null";
    else if (value.is_bool()) out += value.as_bool() ? "true" : "false";
    else if (value.is_int()) out += fmt::format("{}", value.as_int());
    else if (value.is_number()) out += number_text(value.as_number());
    else if (value.is_string()) out += json_text(value.as_string());
    else if (value.is_array()) write_items(value, indent, depth, out);
    else write_members(value, indent, depth, out);
}

} // namespace

std::string Json::dump(int indent) const {
    std::string out;
    write(*this, indent, 0, out);
    return out;
}

// ---------------------------------------------------------------------------------------- reading

namespace {

[[noreturn]] void wrong_kind(std::string_view wanted, size_t found) {
    fail(Exit::data, "{} expected in JSON, {} found", wanted, kind_names[found]);
}

} // namespace

bool Json::as_bool() const {
    if (!is_bool()) wrong_kind(kind_names[1], value_.index());
    return std::get<bool>(value_);
}

int64_t Json::as_int() const {
    if (!is_int()) wrong_kind(kind_names[2], value_.index());
    return std::get<int64_t>(value_);
}

double Json::as_number() const {
    if (is_int()) return double(std::get<int64_t>(value_));
    if (!is_number()) wrong_kind(kind_names[3], value_.index());
    return std::get<double>(value_);
}

const std::string& Json::as_string() const {
    if (!is_string()) wrong_kind(kind_names[4], value_.index());
    return std::get<std::string>(value_);
}

const Json::Items& Json::items() const {
    if (!is_array()) wrong_kind(kind_names[5], value_.index());
    return std::get<Items>(value_);
}

const Json::Members& Json::members() const {
    if (!is_object()) wrong_kind(kind_names[6], value_.index());
    return std::get<Members>(value_);
}

size_t Json::size() const { return is_object() ? members().size() : items().size(); }

const Json* Json::find(std::string_view key) const {
    if (!is_object()) return nullptr;
    for (const auto& [name, value] : std::get<Members>(value_))
        if (name == key) return &value;
    return nullptr;
}

const Json& Json::at(std::string_view key) const {
    if (const Json* value = find(key)) return *value;
    fail(Exit::data, "the key \"{}\" is missing in JSON", key);
}

const Json& Json::at(size_t index) const {
    if (index < items().size()) return items()[index];
    fail(Exit::data, "item {} is missing in a JSON array of {}", index, items().size());
}

namespace {

template <class Read>
auto naming_key(const Json& object, std::string_view key, Read read) {
    const Json& value = object.at(key);
    try {
        return read(value);
    } catch (const Error& error) {
        fail(error.code(), "the key \"{}\": {}", key, error.what());
    }
}

} // namespace

template <>
bool Json::get<bool>(std::string_view key) const {
    return naming_key(*this, key, [](const Json& value) { return value.as_bool(); });
}
template <>
int64_t Json::get<int64_t>(std::string_view key) const {
    return naming_key(*this, key, [](const Json& value) { return value.as_int(); });
}
template <>
double Json::get<double>(std::string_view key) const {
    return naming_key(*this, key, [](const Json& value) { return value.as_number(); });
}
template <>
std::string Json::get<std::string>(std::string_view key) const {
    return naming_key(*this, key, [](const Json& value) { return value.as_string(); });
}

// --------------------------------------------------------------------------------------- building

Json& Json::operator[](std::string_view key) {
    if (is_null()) value_ = Members{};
    if (!is_object()) wrong_kind(kind_names[6], value_.index());
    auto& all = std::get<Members>(value_);
    for (auto& [name, value] : all)
        if (name == key) return value;
    return all.emplace_back(std::string(key), Json()).second;
}

Json& Json::set(std::string_view key, Json value) {
    (*this)[key] = std::move(value);
    return *this;
}

Json& Json::push(Json value) {
    if (is_null()) value_ = Items{};
    if (!is_array()) wrong_kind(kind_names[5], value_.index());
    std::get<Items>(value_).push_back(std::move(value));
    return *this;
}

} // namespace ds
