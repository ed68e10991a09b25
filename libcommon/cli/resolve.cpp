// The resolver. Each layer is applied over the weaker ones; the last one to set an option is its origin.
#include "cli/resolve.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/error.h"
#include "base/names.h"
#include "base/version.h"
#include "cli/patterns.h"

namespace ds::cli {
namespace {

void store(Option& option, const std::vector<std::string>& texts, Origin origin, const std::string& place) {
    option.assign(option.takes_patterns ? expand_patterns(texts) : texts);
    option.origin = origin;
    option.place = place;
}

/// A wrong value is the fault of where it stands; files that are not there are missing wherever they are named.
Exit code_of(const Error& error, Exit of_place) { return error.code() == Exit::usage ? of_place : error.code(); }

// -------------------------------------------------------------------------------------- config file

bool is_numeric(const Option& option) {
    const bool text = std::holds_alternative<std::string*>(option.target) ||
                      std::holds_alternative<std::vector<std::string>*>(option.target) ||
                      std::holds_alternative<ChoiceTarget>(option.target);
    return !text && !option.is_flag() && option.unit == Option::Unit::none;
}

std::string scalar_text(const Option& option, const Yaml& value) {
    if (option.is_flag()) return value.as_bool() ? "true" : "false";
    if (is_numeric(option)) value.as_number();
    return value.as_string();
}

std::vector<std::string> config_texts(const Option& option, const Yaml& value) {
    std::vector<std::string> texts;
    if (option.is_pairs && value.is_map()) {
        for (const auto& member : value.members()) texts.push_back(member.key + "=" + member.value.as_string());
    } else if (option.is_list() && value.is_list()) {
        for (const Yaml& item : value.items()) texts.push_back(scalar_text(option, item));
    } else {
        texts.push_back(scalar_text(option, value));
    }
    return texts;
}

void apply_member(Option& option, const Yaml& value, Origin origin) {
    std::vector<std::string> texts;
    try {
        texts = config_texts(option, value);
    } catch (const Error& error) { // "file:line:column: ..." already
        fail(Exit::config, "{} (key {})", error.what(), option.name);
    }
    try {
        store(option, texts, origin, value.where());
    } catch (const Error& error) {
        fail(code_of(error, Exit::config), "{}: {}: {}", value.where(), option.name, error.what());
    }
}

void apply_config(Command& command, const Yaml& root) {
    std::vector<std::string_view> known;
    for (const Option& option : command.options())
        if (option.is_resolved) known.push_back(option.name);
    root.check_keys(known);
    for (Option& option : command.options())
        if (const Yaml* value = option.is_resolved ? root.find(option.name) : nullptr)
            apply_member(option, *value, Origin::config);
}

/// The tool's own source, which fills in what nobody gave.
void apply_own_source(Command& command) {
    const Yaml root = command.own_source()();
    if (root.is_null()) return;
    root.check_keys(std::vector<std::string_view>(command.own_names().begin(), command.own_names().end()));
    for (Option& option : command.options()) {
        const bool settled = option.given() || (!option.instead.empty() && command.given(option.instead));
        const Yaml* value = settled ? nullptr : root.find(option.name);
        if (value) apply_member(option, *value, Origin::own_source);
    }
}

// -------------------------------------------------------------------------------------- environment

std::vector<std::string> split_commas(const std::string& text) {
    std::vector<std::string> parts;
    size_t start = 0;
    for (size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',', start)) {
        parts.push_back(text.substr(start, comma - start));
        start = comma + 1;
    }
    parts.push_back(text.substr(start));
    return parts;
}

void apply_environment(Command& command) {
    for (Option& option : command.options()) {
        const std::string variable = option.environment();
        const char* text = variable.empty() ? nullptr : std::getenv(variable.c_str());
        if (!text || !*text) continue;
        try {
            store(option, option.is_list() ? split_commas(text) : std::vector<std::string>{text}, Origin::environment,
                  variable);
        } catch (const Error& error) {
            fail(code_of(error, Exit::config), "environment variable {}: {}", variable, error.what());
        }
    }
}

/// The last of two values would win in silence. A flag may be said twice, but not both ways.
void check_once(const Option& option, const std::vector<std::string>& texts) {
    if (option.is_list() || texts.size() < 2) return;
    const auto other = std::ranges::find_if(texts, [&](const std::string& text) { return text != texts[0]; });
    if (option.is_flag() && other == texts.end()) return;
    if (option.is_flag()) fail(Exit::usage, "given together with --no-{}; give one of them", option.name);
    fail(Exit::usage, "given twice, as \"{}\" and \"{}\"; give one value", texts[0], texts[1]);
}

void apply_arguments(const std::vector<std::pair<Option*, std::string>>& arguments) {
    std::map<Option*, std::vector<std::string>> texts;
    for (const auto& [option, text] : arguments) texts[option].push_back(text);
    for (const auto& [option, text] : arguments) {
        const auto found = texts.find(option);
        if (found == texts.end()) continue; // stored already
        try {
            check_once(*option, found->second);
            store(*option, found->second, Origin::command_line, "");
        } catch (const Error& error) {
            fail(code_of(error, Exit::usage), "{}: {}", option->label(), error.what());
        }
        texts.erase(found);
    }
}

} // namespace

void resolve(Command& command, const std::vector<std::pair<Option*, std::string>>& arguments, const Yaml& config) {
    if (!config.is_null()) apply_config(command, config);
    apply_environment(command);
    apply_arguments(arguments);
    if (command.own_source()) apply_own_source(command);
}

void check_required(const Command& command) {
    for (const Option& option : command.options())
        if (option.is_required && option.values().empty())
            fail(Exit::usage, "{} is missing; see {} --help", option.label(), command.full_name());
}

// ------------------------------------------------------------------------------------- print-config

namespace {

std::string origin_words(const Option& option) {
    switch (option.origin) {
    case Origin::initial: return "default";
    case Origin::command_line: return "command line";
    case Origin::own_source:
    case Origin::environment:
    case Origin::config: break;
    }
    return option.place;
}

std::string yaml_value(const Option& option) {
    const bool quote = !option.is_flag() && !is_numeric(option) && option.unit == Option::Unit::none;
    std::string out;
    for (const std::string& value : option.values()) {
        if (!out.empty()) out += ", ";
        out += quote ? Yaml::quote(value) : value;
    }
    if (option.shows_list()) return "[" + out + "]";
    return out.empty() ? Yaml::quote("") : out; // set to nothing, which differs from not set
}

} // namespace

std::string print_config(const Command& command) {
    std::string out = fmt::format("# {} {}\n", command.full_name(), version());
    for (const Option& option : command.options()) {
        if (!option.is_resolved || option.is_hidden) continue;
        if (option.values().empty() && !option.given())
            out += fmt::format("{:<40} # not set\n", "# " + option.name + ":");
        else out += fmt::format("{:<40} # {}\n", option.name + ": " + yaml_value(option), origin_words(option));
    }
    return out;
}

} // namespace ds::cli
