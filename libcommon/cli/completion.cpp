// Shell completions. Each script lists, for every leaf command, its options with what they take; files,
// folders and choices complete themselves.
#include <algorithm>

#include "base/error.h"
#include "cli/help.h"

namespace ds::cli {
namespace {

std::vector<const Command*> leaves(const Command& root) {
    if (root.is_leaf()) return {&root};
    std::vector<const Command*> all;
    for (const Command& command : root.commands())
        for (const Command* leaf : leaves(command)) all.push_back(leaf);
    return all;
}

/// "import idx" of "ds-data import idx"; "" for a tool without subcommands.
std::string path_in_tool(const Command& command) {
    const size_t space = command.full_name().find(' ');
    return space == std::string::npos ? "" : command.full_name().substr(space + 1);
}

std::string tool_name(const Command& root) { return root.full_name().substr(0, root.full_name().find(' ')); }

std::string identifier(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    return text;
}

std::string join(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

std::vector<std::string> offered(const Option& option) {
    std::vector<std::string> words = option.names_of_choices;
    words.insert(words.end(), option.completion_words.begin(), option.completion_words.end());
    return words;
}

bool shown(const Option& option) { return !option.is_hidden && !option.is_positional; }

std::vector<std::string> option_words(const Command& command) {
    std::vector<std::string> words;
    for (const Option& option : command.options()) {
        if (!shown(option)) continue;
        words.push_back("--" + option.name);
        if (!option.short_name.empty()) words.push_back("-" + option.short_name);
    }
    return words;
}

const Option* first_positional(const Command& command) {
    for (const Option& option : command.options())
        if (option.is_positional) return &option;
    return nullptr;
}

/// Branches and leaves alike, each with the names that may follow.
void for_each_branch(const Command& command, const auto& act) {
    if (command.is_leaf()) return;
    act(command);
    for (const Command& inner : command.commands()) for_each_branch(inner, act);
}

std::vector<std::string> inner_names(const Command& command) {
    std::vector<std::string> names;
    for (const Command& inner : command.commands())
        names.push_back(inner.full_name().substr(command.full_name().size() + 1));
    return names;
}

// --------------------------------------------------------------------------------------------- bash

/// The shell words that print what completion_command offers.
std::string first_words(const Option& option) { return option.completion_command + " 2>/dev/null | cut -d\" \" -f1"; }

std::string bash_values(const Option& option) {
    std::string out;
    if (!option.completion_command.empty())
        out += "COMPREPLY+=($(compgen -W \"$(" + first_words(option) + ")\" -- \"$cur\")); ";
    if (const auto words = offered(option); !words.empty())
        out += "COMPREPLY+=($(compgen -W '" + join(words) + "' -- \"$cur\")); ";
    if (option.completes == Option::Completes::files)
        out += "compopt -o filenames; COMPREPLY+=($(compgen -f -- \"$cur\")); ";
    if (option.completes == Option::Completes::folders)
        out += "compopt -o filenames; COMPREPLY+=($(compgen -d -- \"$cur\")); ";
    return out + "return";
}

std::string bash_leaf(const Command& leaf) {
    std::string out = "    '" + path_in_tool(leaf) + "')\n        case $prev in\n";
    for (const Option& option : leaf.options()) {
        if (!shown(option) || option.is_flag()) continue;
        out += "        --" + option.name + (option.short_name.empty() ? "" : "|-" + option.short_name) + ") " +
               bash_values(option) + " ;;\n";
    }
    out += "        esac\n        if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '" + join(option_words(leaf)) +
           "' -- \"$cur\")); return; fi\n";
    if (const Option* positional = first_positional(leaf)) out += "        " + bash_values(*positional) + "\n";
    return out + "        ;;\n";
}

std::string bash_script(const Command& root) {
    const std::string tool = tool_name(root), function = "_" + identifier(tool);
    std::string out = "# Completion of " + tool + " for bash.\n" + function +
                      "() {\n    local cur prev path='' word next\n"
                      "    COMPREPLY=()\n"
                      "    if declare -F _init_completion >/dev/null; then _init_completion -n : || return\n"
                      "    else cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}; fi\n"
                      "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                      "        next=\"${path:+$path }$word\"\n        case $next in\n";
    std::string known;
    const auto add = [&known](const Command& command) {
        if (!path_in_tool(command).empty()) known += (known.empty() ? "'" : "|'") + path_in_tool(command) + "'";
    };
    for_each_branch(root, add);
    for (const Command* leaf : leaves(root)) add(*leaf);
    if (!known.empty()) out += "        " + known + ") path=$next ;;\n";
    out += "        *) break ;;\n        esac\n    done\n    case $path in\n";
    for_each_branch(root, [&out](const Command& branch) {
        out += "    '" + path_in_tool(branch) + "') COMPREPLY=($(compgen -W '" + join(inner_names(branch)) + " " +
               join(option_words(branch)) + "' -- \"$cur\")) ;;\n";
    });
    for (const Command* leaf : leaves(root)) out += bash_leaf(*leaf);
    return out + "    esac\n}\ncomplete -F " + function + " " + tool + "\n";
}

// ---------------------------------------------------------------------------------------------- zsh

/// Text inside '...' and inside [...] or :...: of an _arguments spec.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') out += "'\\''";
        else if (c == '[' || c == ']' || c == ':' || c == '\\') out.append(1, '\\').append(1, c);
        else out += c;
    }
    return out;
}

std::string zsh_action(const Option& option) {
    if (!option.completion_command.empty()) return "{compadd -- $(" + first_words(option) + ")}";
    const auto words = offered(option);
    const std::string list = "(" + join(words) + ")";
    const bool files = option.completes == Option::Completes::files;
    if (files && !words.empty()) return " _alternative \"words\\:word\\:" + list + "\" \"files\\:file\\:_files\"";
    if (files) return "_files";
    if (option.completes == Option::Completes::folders) return "_files -/";
    return words.empty() ? " " : list;
}

std::string zsh_leaf(const Command& leaf) {
    std::string out = "    _arguments -s -S";
    for (const Option& option : leaf.options()) {
        if (!shown(option)) continue;
        const std::string repeat = option.is_list() ? "*" : "";
        const std::string takes = option.is_flag() ? "" : ":" + zsh_text(option.value_name) + ":" + zsh_action(option);
        const std::string help = "[" + zsh_text(option.help) + "]" + takes + "'";
        out += " \\\n        '" + repeat + "--" + option.name + (option.is_flag() ? "" : "=") + help;
        if (!option.short_name.empty())
            out += " \\\n        '" + repeat + "-" + option.short_name + (option.is_flag() ? "" : "+") + help;
    }
    for (const Option& option : leaf.options())
        if (option.is_positional && !option.is_hidden)
            out += " \\\n        '" +
                   std::string(option.is_list()     ? "*"
                               : option.is_required ? ""
                                                    : ":") +
                   ":" + zsh_text(option.value_name) + ":" + zsh_action(option) + "'";
    return out + "\n";
}

std::string zsh_command(const Command& command) {
    const std::string function = "_" + identifier(command.full_name());
    if (command.is_leaf()) return function + "() {\n" + zsh_leaf(command) + "}\n";
    std::string out = function + "() {\n    if (( CURRENT == 2 )); then\n        local -a commands=(";
    for (const Command& inner : command.commands())
        out += " '" + zsh_text(inner.full_name().substr(command.full_name().size() + 1)) + ":" +
               zsh_text(inner.about()) + "'";
    out += ")\n        _describe command commands\n        return\n    fi\n    local next=$words[2]\n    shift words; "
           "(( CURRENT-- ))\n    case $next in\n";
    for (const Command& inner : command.commands())
        out += "    " + inner.full_name().substr(command.full_name().size() + 1) + ") _" +
               identifier(inner.full_name()) + " ;;\n";
    out += "    esac\n}\n";
    for (const Command& inner : command.commands()) out += zsh_command(inner);
    return out;
}

std::string zsh_script(const Command& root) {
    const std::string tool = tool_name(root), function = "_" + identifier(tool);
    return "#compdef " + tool + "\n# Completion of " + tool + " for zsh.\n" + zsh_command(root) +
           "if [[ $funcstack[1] == _" + tool + " ]]; then " + function + " \"$@\"; else compdef " + function + " " +
           tool + "; fi\n";
}

// --------------------------------------------------------------------------------------------- fish

std::string fish_text(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

/// True when exactly these subcommands have been typed.
std::string fish_condition(const Command& command) {
    const std::string path = path_in_tool(command);
    return path.empty() ? "" : " -n " + fish_text("__" + identifier(tool_name(command)) + "_in " + path);
}

std::string fish_values(const Option& option) {
    std::string out;
    if (const auto words = offered(option); !words.empty()) out += " -a " + fish_text(join(words));
    if (!option.completion_command.empty()) out += " -a " + fish_text("(" + first_words(option) + ")");
    if (option.completes == Option::Completes::folders) out += " -a '(__fish_complete_directories)'";
    return out + (option.completes == Option::Completes::files ? " -F" : " -f");
}

std::string fish_leaf(const Command& leaf) {
    const std::string start = "complete -c " + tool_name(leaf) + fish_condition(leaf);
    std::string out;
    for (const Option& option : leaf.options()) {
        if (option.is_hidden) continue;
        if (option.is_positional) {
            out += start + fish_values(option) + "\n";
            continue;
        }
        out += start + (option.short_name.empty() ? "" : " -s " + option.short_name) + " -l " + option.name +
               (option.is_flag() ? " -f" : " -r" + fish_values(option)) + " -d " + fish_text(option.help) + "\n";
    }
    return out;
}

std::string fish_script(const Command& root) {
    const std::string tool = tool_name(root), in = "__" + identifier(tool) + "_in";
    std::string out = "# Completion of " + tool + " for fish.\n";
    if (!root.is_leaf())
        out += "function " + in +
               "\n    set -l words (commandline -opc)\n    set -l end (math 1 + (count $argv))\n"
               "    test (count $words) -ge $end; and test \"$words[2..$end]\" = \"$argv\"\nend\n"
               "function " +
               in + "_only\n    set -l words (commandline -opc)\n    test \"$words[2..-1]\" = \"$argv\"\nend\n";
    for_each_branch(root, [&](const Command& branch) {
        for (const Command& inner : branch.commands())
            out += "complete -c " + tool + " -f -n " + fish_text(in + "_only " + path_in_tool(branch)) + " -a " +
                   inner.full_name().substr(branch.full_name().size() + 1) + " -d " + fish_text(inner.about()) + "\n";
    });
    for (const Command* leaf : leaves(root)) out += fish_leaf(*leaf);
    return out;
}

} // namespace

std::string completion_script(const Command& root, std::string_view shell) {
    if (shell == "bash") return bash_script(root);
    if (shell == "zsh") return zsh_script(root);
    if (shell == "fish") return fish_script(root);
    bug("no completion for {}", shell);
}

} // namespace ds::cli
