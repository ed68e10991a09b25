// Text to values and back, with errors that say what was expected.
#include "cli/option.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/names.h"

namespace ds::cli {
namespace {

template <class T>
std::optional<T> read_number(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string bound(double value) {
    return std::abs(value) < 1e15 && value == std::floor(value) ? fmt::format("{:.0f}", value)
                                                                : fmt::format("{}", value);
}

void check_range(const Option& option, double value, std::string_view text) {
    if (value >= option.least && value <= option.most) return;
    if (std::isinf(option.most))
        fail(Exit::usage, "{} is out of range; at least {} expected", text, bound(option.least));
    if (std::isinf(option.least))
        fail(Exit::usage, "{} is out of range; at most {} expected", text, bound(option.most));
    fail(Exit::usage, "{} is out of range; {} to {} expected", text, bound(option.least), bound(option.most));
}

int64_t read_int(const Option& option, std::string_view text) {
    if (option.unit == Option::Unit::bytes) {
        const int64_t bytes = parse_bytes(text);
        check_range(option, double(bytes), text);
        return bytes;
    }
    const auto value = read_number<int64_t>(text);
    if (!value) fail(Exit::usage, "an integer expected, \"{}\" found", text);
    check_range(option, double(*value), text);
    return *value;
}

double read_real(const Option& option, std::string_view text) {
    if (option.unit == Option::Unit::seconds) {
        const double seconds = parse_seconds(text);
        check_range(option, seconds, text);
        return seconds;
    }
    const auto value = read_number<double>(text);
    if (!value || !std::isfinite(*value)) fail(Exit::usage, "a finite number expected, \"{}\" found", text);
    check_range(option, *value, text);
    return *value;
}

bool read_bool(std::string_view text) {
    for (const std::string_view yes : {"true", "1", "yes", "on"})
        if (text == yes) return true;
    for (const std::string_view no : {"false", "0", "no", "off"})
        if (text == no) return false;
    fail(Exit::usage, "true or false expected, \"{}\" found", text);
}

size_t read_choice(const Option& option, std::string_view text) {
    const auto& names = option.names_of_choices;
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end()) return size_t(found - names.begin());
    const std::vector<std::string_view> known(names.begin(), names.end());
    fail(Exit::usage, "unknown value \"{}\"{}", text, name_hint(text, known));
}

std::string read_string(const Option& option, std::string_view text) {
    if (!option.names_of_choices.empty()) read_choice(option, text);
    if (option.is_pairs && text.find('=', 1) == std::string_view::npos)
        fail(Exit::usage, "NAME=VALUE expected, \"{}\" found", text);
    const auto& endings = option.file_endings;
    if (!endings.empty() && std::ranges::none_of(endings, [&](const std::string& e) { return text.ends_with(e); }))
        fail(Exit::usage, "a file name that ends in {} expected, \"{}\" found", fmt::join(endings, " or "), text);
    return std::string(text);
}

/// Stores texts into each kind of target.
struct Store {
    const Option& option;
    const std::vector<std::string>& texts;

    void operator()(bool* to) const { *to = read_bool(texts.back()); }
    void operator()(int* to) const {
        const int64_t value = read_int(option, texts.back());
        if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
            fail(Exit::usage, "{} is out of range", texts.back());
        *to = int(value);
    }
    void operator()(int64_t* to) const { *to = read_int(option, texts.back()); }
    void operator()(double* to) const { *to = read_real(option, texts.back()); }
    void operator()(std::string* to) const { *to = read_string(option, texts.back()); }
    void operator()(std::optional<int64_t>* to) const { *to = read_int(option, texts.back()); }
    void operator()(std::optional<double>* to) const { *to = read_real(option, texts.back()); }
    void operator()(std::vector<std::string>* to) const { *to = each<std::string>(read_string); }
    void operator()(std::vector<int64_t>* to) const { *to = each<int64_t>(read_int); }
    void operator()(std::vector<double>* to) const { *to = each<double>(read_real); }
    void operator()(const ChoiceTarget& to) const { to.set(read_choice(option, texts.back())); }

    template <class T, class Read>
    std::vector<T> each(Read read) const {
        std::vector<T> values;
        for (const std::string& text : texts) values.push_back(read(option, text));
        return values;
    }
};

/// The texts of each kind of target.
struct Show {
    using Texts = std::vector<std::string>;
    const Option& option;

    Texts operator()(const bool* from) const { return {*from ? "true" : "false"}; }
    Texts operator()(const std::string* from) const { return from->empty() ? Texts{} : Texts{*from}; }
    Texts operator()(const ChoiceTarget& from) const {
        const size_t i = from.get();
        return i < option.names_of_choices.size() ? Texts{option.names_of_choices[i]} : Texts{};
    }
    template <class T>
    Texts operator()(const std::optional<T>* from) const {
        return *from ? Texts{fmt::format("{}", **from)} : Texts{};
    }
    template <class T>
    Texts operator()(const std::vector<T>* from) const {
        Texts texts;
        for (const T& value : *from) texts.push_back(fmt::format("{}", value));
        return texts;
    }
    template <class T>
    Texts operator()(const T* from) const {
        const bool no_limit = option.unit != Option::Unit::none && *from == 0; // of bytes or seconds
        const bool in_range = double(*from) >= option.least && double(*from) <= option.most;
        const bool set = option.given() || (in_range && !no_limit);
        return set ? Texts{fmt::format("{}", *from)} : Texts{};
    }
};

} // namespace

bool Option::is_list() const {
    return std::holds_alternative<std::vector<std::string>*>(target) ||
           std::holds_alternative<std::vector<int64_t>*>(target) ||
           std::holds_alternative<std::vector<double>*>(target);
}

std::string Option::environment() const {
    if (is_positional || !is_resolved) return {};
    std::string out = "DS_" + name;
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c == '-' ? '_' : char(std::toupper(c)); });
    return out;
}

std::string Option::label() const { return is_positional ? value_name : "--" + name; }

std::vector<std::string> Option::values() const { return std::visit(Show{*this}, target); }

void Option::assign(const std::vector<std::string>& texts) { std::visit(Store{*this, texts}, target); }

Option& Option::range(double from, double to) {
    least = from;
    most = to;
    if (values().empty()) initial.clear();
    return *this;
}

Option& Option::bytes() {
    unit = Unit::bytes;
    if (values().empty()) initial.clear();
    return *this;
}

Option& Option::seconds() {
    unit = Unit::seconds;
    if (values().empty()) initial.clear();
    return *this;
}

// ------------------------------------------------------------------------------------------- units

namespace {

/// A number at the front of `text`, which is moved behind it.
std::optional<double> take_number(std::string_view& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
    text.remove_prefix(size_t(end - text.data()));
    return value;
}

std::optional<double> byte_factor(std::string_view unit) {
    constexpr std::string_view letters = "KMGT";
    if (unit.empty() || unit == "B") return 1.0;
    const size_t power = letters.find(unit[0]);
    if (power == std::string_view::npos) return std::nullopt;
    const std::string_view rest = unit.substr(1);
    if (rest == "iB") return std::pow(1024.0, double(power + 1));
    if (rest.empty() || rest == "B") return std::pow(1000.0, double(power + 1));
    return std::nullopt;
}

std::optional<double> second_factor(std::string_view unit) {
    constexpr std::array<std::pair<std::string_view, double>, 5> units = {
        {{"ms", 1e-3}, {"s", 1.0}, {"m", 60.0}, {"h", 3600.0}, {"d", 86400.0}}};
    for (const auto& [name, factor] : units)
        if (unit == name) return factor;
    return std::nullopt;
}

} // namespace

int64_t parse_bytes(std::string_view text) {
    std::string_view rest = text;
    const auto number = take_number(rest);
    const auto factor = byte_factor(rest);
    if (!number || !factor || *number * *factor >= 0x1p63)
        fail(Exit::usage, "a size such as 512MiB or 2GB expected, \"{}\" found", text);
    return int64_t(*number * *factor);
}

double parse_seconds(std::string_view text) {
    double total = 0;
    std::string_view rest = text;
    do {
        const auto number = take_number(rest);
        const std::string_view unit = rest.substr(0, rest.find_first_of("0123456789."));
        const auto factor = unit.empty() && total == 0 && rest.empty() ? 1.0 : second_factor(unit);
        if (!number || !factor) fail(Exit::usage, "a duration such as 90s, 10m or 1h30m expected, \"{}\" found", text);
        total += *number * *factor;
        rest.remove_prefix(unit.size());
    } while (!rest.empty());
    return total;
}

} // namespace ds::cli
