// Help for people: a usage line, what the command is for, options in groups, and where to read more.
#include "cli/help.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/names.h"
#include "base/version.h"
#include "kernels/cpu/isa.h"

namespace ds::cli {
namespace {

constexpr size_t columns = 100, help_column = 30;

/// Words of `text` in lines up to `columns`, the first at its place already.
std::string wrap(std::string_view text, size_t indent) {
    std::string out;
    size_t column = indent;
    while (!text.empty()) {
        const size_t space = text.find(' ');
        const std::string_view word = text.substr(0, space);
        if (column > indent && column + 1 + word.size() > columns) {
            out.append(1, '\n').append(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    }
    return out;
}

std::string line(const std::string& names, const std::string& help) {
    std::string out = "  " + names;
    if (out.size() + 2 > help_column) out.append(1, '\n').append(help_column, ' ');
    else out.append(help_column - out.size(), ' ');
    return out + wrap(help, help_column) + "\n";
}

std::string option_names(const Option& option) {
    if (option.is_positional) return option.value_name + (option.is_list() ? "..." : "");
    std::string out =
        option.short_name.empty() ? "    --" + option.name : "-" + option.short_name + ", --" + option.name;
    if (!option.is_flag()) out += " " + option.value_name;
    return out;
}

/// The clause and what else is to be known: choices, repeats, default.
std::string option_words(const Option& option) {
    std::string out = option.help;
    if (!option.names_of_choices.empty()) {
        const std::vector<std::string_view> names(option.names_of_choices.begin(), option.names_of_choices.end());
        out += ": " + list_names(names);
    }
    if (option.is_list() && !option.is_positional) out += "; may be repeated";
    if (option.is_required && !option.is_positional) out += "; required";
    else if (!option.initial.empty()) out += " (default: " + option.initial + ")";
    return out;
}

std::vector<std::string> groups_of(const Command& command) {
    std::vector<std::string> groups;
    for (const Option& option : command.options())
        if (!option.is_positional && std::find(groups.begin(), groups.end(), option.group) == groups.end())
            groups.push_back(option.group);
    return groups;
}

std::string short_name(const Command& command) {
    return command.full_name().substr(command.full_name().rfind(' ') + 1);
}

std::string page_name(const Command& command) { return command.full_name().substr(0, command.full_name().find(' ')); }

std::string positional_help(const Command& command) {
    std::string out;
    for (const Option& option : command.options())
        if (option.is_positional && !option.is_hidden) out += line(option_names(option), option_words(option));
    return out.empty() ? out : "\nArguments:\n" + out;
}

std::string command_help(const Command& command) {
    if (command.is_leaf()) return "";
    std::string out = "\nCommands (each has its own --help):\n";
    for (const Command& inner : command.commands()) out += line(short_name(inner), inner.about());
    return out;
}

std::string group_help(const Command& command, const std::string& group) {
    std::string out;
    for (const Option& option : command.options())
        if (!option.is_positional && !option.is_hidden && option.group == group)
            out += line(option_names(option), option_words(option));
    return out.empty() ? out : "\n" + group + ":\n" + out;
}

} // namespace

std::string usage_line(const Command& command) {
    std::string out = command.full_name() + " [OPTION]...";
    if (!command.is_leaf()) out = command.full_name() + " COMMAND [OPTION]...";
    for (const Option& option : command.options()) {
        if (!option.is_positional || option.is_hidden) continue;
        const std::string name = option.value_name + (option.is_list() ? "..." : "");
        out += option.is_required ? " " + name : " [" + name + "]";
    }
    return out;
}

std::string help_text(const Command& command) {
    std::string out =
        "Usage: " + usage_line(command) + "\n" + wrap(command.full_name() + ": " + command.about(), 0) + "\n";
    if (!command.note().empty()) out += "\n" + wrap(command.note(), 0) + "\n";
    out += positional_help(command) + command_help(command);
    for (const std::string& group : groups_of(command)) out += group_help(command, group);
    const auto from_anywhere = [](const Option& option) { return option.is_resolved && !option.is_positional; };
    if (std::any_of(command.options().begin(), command.options().end(), from_anywhere))
        out += "\n" +
               wrap("A value comes from the command line, else from the environment (--batch is DS_BATCH), else "
                    "from the --config file. A flag --x is undone by --no-x; -- ends the options.",
                    0) +
               "\n";
    out +=
        "\n" +
        wrap("Exit status: 0 done, 1 an honest no (a threshold missed, files differ), 64 usage, 65 bad data, 66 no "
             "input, 69 unavailable, 70 internal error, 73 cannot create, 74 I/O error, 75 try again, 77 permission, "
             "78 configuration, 128+n signal n.",
             0) +
        "\n";
    return out + "\nFull page: man " + page_name(command) + "\n";
}

std::string version_text(const Tool& tool) {
    std::string out = fmt::format("{} {}\n", tool.full_name(), version());
    out += fmt::format("Built by {} with {}\n", compiler(), list_names(features()));
    return out + wrap("In use: " + kernels::cpu::isa_in_use(), 0) + "\n";
}

// -------------------------------------------------------------------------------------------- scdoc

std::string scdoc_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("_*\\[]#|~<>").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

namespace {

std::string man_names(const Option& option) {
    if (option.is_positional) return "_" + scdoc_text(option.value_name) + "_" + (option.is_list() ? "..." : "");
    std::string out = option.short_name.empty() ? "" : "*-" + option.short_name + "*, ";
    out += "*--" + scdoc_text(option.name) + "*";
    if (!option.is_flag()) out += " _" + scdoc_text(option.value_name) + "_";
    return out;
}

std::string man_leaf(const Command& command) {
    std::string out;
    const auto entry = [&out](const Option& option) {
        std::string words = option_words(option);
        if (!words.empty()) words[0] = char(std::toupper(words[0]));
        out += man_names(option) + "\n\t" + scdoc_text(words) + ".\n\n";
    };
    for (const Option& option : command.options())
        if (option.is_positional && !option.is_hidden) entry(option);
    for (const std::string& group : groups_of(command)) {
        if (!group_help(command, group).empty()) out += "*" + scdoc_text(group) + "*\n\n";
        for (const Option& option : command.options())
            if (!option.is_positional && !option.is_hidden && option.group == group) entry(option);
    }
    return out;
}

void man_tree(const Command& command, std::string& out) {
    if (!command.is_leaf()) {
        for (const Command& inner : command.commands()) man_tree(inner, out);
        return;
    }
    // A heading is copied as it stands: no escapes there.
    out += "## " + usage_line(command) + "\n\n" + scdoc_text(command.about()) + ".\n\n" + man_leaf(command);
}

} // namespace

std::string man_options(const Command& root) {
    if (root.is_leaf()) return man_leaf(root);
    std::string out;
    man_tree(root, out);
    return out;
}

} // namespace ds::cli
