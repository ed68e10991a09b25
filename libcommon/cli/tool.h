// The harness of every tool: options are declared once, and from that come parsing, help, man OPTIONS,
// completions and the record of what was used.
//
//     int main(int argc, char** argv) {
//         cli::Tool tool("ds-eval", "measure a model on data");
//         std::string model, data;
//         bool json = false;
//         tool.positional("MODEL", model, "checkpoint, or - for stdin").files().required();
//         cli::data_option(tool, data).required();      // shared groups: cli/groups.h
//         cli::json_option(tool, json);
//         return cli::run(tool, argc, argv, [&] { ...; return Exit::ok; });
//     }
//
// A value comes from the command line, else from the environment (DS_NAME), else from the --config file
// (YAML, keys are long names), else from the tool's own source (defaults_from), else it is the variable's value at
// declaration. Wrong command lines end
// with 64; wrong environment variables and config files with 78.
// Tools with subcommands declare them by command() and give each leaf an action().
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/exit.h"
#include "base/json.h"
#include "base/yaml.h"
#include "cli/option.h"

namespace ds::cli {

class Command {
public:
    Command(std::string full_name, std::string about);
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    // ---- declaration. The variables must outlive run(). What they hold is the default.
    /// A positional named as in the usage line. A vector takes any number, at most one a command.
    template <class T>
    Option& positional(std::string name, T& variable, std::string help) {
        return add_positional(std::move(name), Target(&variable), std::move(help));
    }
    /// names: "-d,--data" or "--data". value_name: "FILE". A vector collects repeats.
    template <class T>
    Option& option(std::string_view names, T& variable, std::string value_name, std::string help) {
        return add(names, Target(&variable), std::move(value_name), std::move(help));
    }
    /// Sets the variable to true; --no-NAME sets it to false.
    Option& flag(std::string_view names, bool& variable, std::string help) {
        return add(names, Target(&variable), "", std::move(help));
    }
    /// One of several named values.
    template <class E>
    Option& choice(std::string_view names, E& variable, std::string value_name, std::string help,
                   std::vector<std::pair<std::string, E>> known);
    /// The heading under which the options declared after it are shown.
    Command& group(std::string heading) {
        heading_ = std::move(heading);
        return *this;
    }
    /// A subcommand: "import" of "ds-data".
    Command& command(const std::string& name, std::string about);
    /// A weaker source than --config: a YAML map, asked for when all others are known; it may set `names` only.
    void defaults_from(std::vector<std::string> names, std::function<Yaml()> source) {
        own_names_ = std::move(names);
        own_source_ = std::move(source);
    }
    /// What a leaf does.
    void action(std::function<Exit()> act) { act_ = std::move(act); }
    /// A paragraph shown under the usage line of --help.
    Command& note(std::string text) {
        note_ = std::move(text);
        return *this;
    }

    // ---- after resolution
    bool given(std::string_view name) const;        // from anywhere but the default; bug for an unknown name
    const Option& get(std::string_view name) const; // bug for an unknown name
    /// Settles an option that nobody gave (a drawn seed), so that the record has it.
    void decide(std::string_view name, const std::string& value);
    /// Recorded options that are set, in order of declaration, files by their base names: what the history keeps.
    Json record() const;
    /// The words behind the tool's name that give these options again: subcommands, recorded options that
    /// were given, positionals; files by their base names, outputs left out.
    std::vector<std::string> arguments() const;

    const std::string& full_name() const { return full_name_; } // "ds-data import idx"
    const std::string& about() const { return about_; }
    const std::string& note() const { return note_; }
    const std::deque<Option>& options() const { return options_; }
    std::deque<Option>& options() { return options_; }
    const std::deque<Command>& commands() const { return commands_; }
    std::deque<Command>& commands() { return commands_; }
    bool is_leaf() const { return commands_.empty(); }
    const std::function<Exit()>& act() const { return act_; }
    const std::vector<std::string>& own_names() const { return own_names_; }
    const std::function<Yaml()>& own_source() const { return own_source_; }

private:
    Option& add(std::string_view names, Target target, std::string value_name, std::string help);
    Option& add_positional(std::string name, Target target, std::string help);
    Option& add_choice(std::string_view names, ChoiceTarget target, std::string value_name, std::string help,
                       std::vector<std::string> known);

    std::string full_name_, about_, note_, heading_ = "Options";
    std::deque<Option> options_;
    std::deque<Command> commands_;
    std::function<Exit()> act_;
    std::vector<std::string> own_names_;
    std::function<Yaml()> own_source_;
};

class Tool : public Command {
public:
    Tool(std::string name, std::string about) : Command(std::move(name), std::move(about)) {}
    /// The leaf that the command line named; the tool itself when it has no subcommands.
    const Command& chosen() const { return chosen_ ? *chosen_ : *this; }
    void choose(const Command& leaf) { chosen_ = &leaf; }
    /// For a tool that only starts others: no --threads, --config and the like, just --help, --version, --completion.
    Tool& bare() {
        bare_ = true;
        return *this;
    }
    bool is_bare() const { return bare_; }
    /// For a tool that keeps all threads busy: see cli/restart.h.
    Tool& computes() {
        computes_ = true;
        return *this;
    }
    bool does_compute() const { return computes_; }

private:
    const Command* chosen_ = nullptr;
    bool bare_ = false, computes_ = false;
};

/// Parses, resolves, runs and ends as every tool does: errors as one line on stderr, signals, closed
/// pipes, a checked stdout. Returns main's value.
int run(Tool& tool, int argc, char** argv);
int run(Tool& tool, int argc, char** argv, std::function<Exit()> act);

// ---- inline

template <class E>
Option& Command::choice(std::string_view names, E& variable, std::string value_name, std::string help,
                        std::vector<std::pair<std::string, E>> known) {
    std::vector<std::string> words;
    for (const auto& entry : known) words.push_back(entry.first);
    auto get = [&variable, known] {
        size_t i = 0;
        while (i < known.size() && !(known[i].second == variable)) ++i;
        return i;
    };
    auto set = [&variable, known](size_t i) { variable = known[i].second; };
    return add_choice(names, {std::move(get), std::move(set)}, std::move(value_name), std::move(help),
                      std::move(words));
}

} // namespace ds::cli
