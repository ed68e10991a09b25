// Declarations of a command, and the record of what was resolved.
#include "cli/tool.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"

namespace ds::cli {

Command::Command(std::string full_name, std::string about)
    : full_name_(std::move(full_name)), about_(std::move(about)) {}

Command& Command::command(const std::string& name, std::string about) {
    for (Command& known : commands_)
        if (known.full_name_ == full_name_ + " " + name) return known;
    return commands_.emplace_back(full_name_ + " " + name, std::move(about));
}

Option& Command::add(std::string_view names, Target target, std::string value_name, std::string help) {
    Option& option = options_.emplace_back();
    const size_t comma = names.find(',');
    if (comma != std::string_view::npos) option.short_name = names.substr(1, comma - 1);
    const std::string_view name = comma == std::string_view::npos ? names : names.substr(comma + 1);
    if (!name.starts_with("--") || option.short_name.size() > 1)
        bug("option names \"{}\" are not \"-x,--name\"", names);
    option.name = name.substr(2);
    option.value_name = std::move(value_name);
    option.help = std::move(help);
    option.group = heading_;
    option.target = std::move(target);
    if (const auto values = option.values(); !option.is_flag() && !values.empty()) option.initial = values.front();
    return option;
}

Option& Command::add_choice(std::string_view names, ChoiceTarget target, std::string value_name, std::string help,
                            std::vector<std::string> known) {
    Option& option = add(names, Target(std::move(target)), std::move(value_name), std::move(help));
    option.names_of_choices = std::move(known);
    if (const auto values = option.values(); !values.empty()) option.initial = values.front();
    return option;
}

Option& Command::add_positional(std::string name, Target target, std::string help) {
    Option& option = options_.emplace_back();
    option.is_positional = true;
    option.name = name;
    std::transform(option.name.begin(), option.name.end(), option.name.begin(),
                   [](char c) { return char(std::tolower(c)); });
    option.value_name = std::move(name);
    option.help = std::move(help);
    option.target = std::move(target);
    if (const auto values = option.values(); !values.empty()) option.initial = values.front();
    return option;
}

const Option& Command::get(std::string_view name) const {
    for (const Option& option : options_)
        if (option.name == name) return option;
    bug("{} has no option {}", full_name_, name);
}

void Command::decide(std::string_view name, const std::string& value) {
    const auto option = std::ranges::find(options_, name, &Option::name);
    if (option == options_.end()) bug("{} has no option {}", full_name_, name);
    if (option->given()) return;
    option->assign({value});
    option->origin = Origin::environment;
}

bool Command::given(std::string_view name) const { return get(name).given(); }

// ------------------------------------------------------------------------------------------ record

namespace {

/// A value as the history keeps it: of a file its base name, because folders differ from run to run.
std::string recorded(const Option& option, const std::string& value) {
    return option.completes == Option::Completes::files ? base_name(value) : value;
}

Json to_json(const Option& option) {
    if (const auto* flag = std::get_if<bool*>(&option.target)) return **flag;
    const auto values = option.values();
    if (values.empty() && !option.is_list()) return nullptr;
    if (const auto* number = std::get_if<int*>(&option.target)) return **number;
    if (const auto* number = std::get_if<int64_t*>(&option.target)) return **number;
    if (const auto* number = std::get_if<double*>(&option.target)) return **number;
    if (const auto* number = std::get_if<std::optional<int64_t>*>(&option.target)) return (*number)->value();
    if (const auto* number = std::get_if<std::optional<double>*>(&option.target)) return (*number)->value();
    if (const auto* numbers = std::get_if<std::vector<int64_t>*>(&option.target)) return **numbers;
    if (const auto* numbers = std::get_if<std::vector<double>*>(&option.target)) return **numbers;
    if (!option.shows_list()) return recorded(option, values.front());
    std::vector<std::string> all;
    for (const std::string& value : values) all.push_back(recorded(option, value));
    return all;
}

} // namespace

Json Command::record() const {
    Json out = Json::object();
    for (const Option& option : options_)
        if (option.is_recorded && !option.values().empty()) out.set(option.name, to_json(option));
    return out;
}

std::vector<std::string> Command::arguments() const {
    std::vector<std::string> words, positionals;
    for (size_t at = full_name_.find(' '); at != std::string::npos;) {
        const size_t next = full_name_.find(' ', at + 1);
        words.push_back(full_name_.substr(at + 1, next == std::string::npos ? next : next - at - 1));
        at = next;
    }
    for (const Option& option : options_) {
        if (!option.is_recorded || !option.given()) continue;
        for (const std::string& value : option.values()) {
            const std::string text = recorded(option, value);
            if (option.is_positional) positionals.push_back(text);
            else if (!option.is_flag()) words.push_back("--" + option.name + "=" + text);
            else words.push_back((value == "true" ? "--" : "--no-") + option.name);
        }
    }
    words.insert(words.end(), positionals.begin(), positionals.end());
    return words;
}

} // namespace ds::cli
