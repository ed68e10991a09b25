// One option or positional of a tool: its names, what it means, where its value goes, and, once the
// command line is resolved, where the value came from. Help, man pages and completions are all made
// from this one declaration. Filled through cli::Command (cli/tool.h); the setters below refine it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ds::cli {

/// Where an option's value came from, weakest first.
enum class Origin : uint8_t { initial, own_source, config, environment, command_line };

/// A variable that takes one of several named values.
struct ChoiceTarget {
    std::function<size_t()> get;
    std::function<void(size_t)> set;
};

/// Where a value goes. An empty string and an empty optional mean "not set".
using Target =
    std::variant<bool*, int*, int64_t*, double*, std::string*, std::optional<int64_t>*, std::optional<double>*,
                 std::vector<std::string>*, std::vector<int64_t>*, std::vector<double>*, ChoiceTarget>;

struct Option {
    // ---- declaration
    std::string short_name; // "d", or empty
    std::string name;       // "data": the long name, the key in a config file; for a positional, its name in lower case
    std::string value_name; // "FILE[:SPLIT]"; empty for a flag
    std::string help;       // one clause, lower case, no full stop
    std::string group;      // heading in the help
    Target target;
    std::string initial; // the default as text; empty when there is none
    std::string instead; // the other option that, when given, keeps the tool's own source from filling this one in
    std::vector<std::string> names_of_choices;
    double least = -std::numeric_limits<double>::infinity(), most = std::numeric_limits<double>::infinity();
    enum class Unit : uint8_t { none, bytes, seconds } unit = Unit::none;
    enum class Completes : uint8_t { nothing, files, folders } completes = Completes::nothing;
    std::vector<std::string> completion_words; // offered beside files
    std::vector<std::string> file_endings;     // a file must have one of these
    std::string completion_command;            // likewise: the first word of each line that it prints
    bool may_be_folder = false;
    bool is_positional = false, is_required = false, is_hidden = false, is_pairs = false;
    bool takes_patterns = false; // "shard-*.h5" stands for the files of such names (cli/patterns.h)
    bool takes_stdin = false;    // a text that is read from stdin where it is "-"; of files, this is understood
    bool is_recorded = true;     // part of what made the result: goes into the history
    bool is_resolved = true;     // may come from the environment and a config file

    // ---- refinements, chained: tool.option(...).required().range(1, 64)
    // clang-format off
    Option& required() { is_required = true; return *this; }
    Option& range(double from, double to); // both ends allowed; a default outside of it means "not set"
    Option& choices(std::vector<std::string> names) { names_of_choices = std::move(names); return *this; } // for strings
    // A default of 0 bytes or seconds means "not set".
    Option& bytes();                                     // int64_t: "512", "64KiB", "2GiB", "1.5GB"
    Option& seconds();                                   // double: "90", "90s", "10m", "1h30m"
    Option& pairs() { is_pairs = true; return *this; }   // NAME=VALUE; in a config file a map
    Option& files() { completes = Completes::files; return *this; }
    Option& endings(std::vector<std::string> known) { file_endings = std::move(known); return files(); } // ".svg"
    Option& patterns() { takes_patterns = true; return *this; } // for lists
    Option& folders() { completes = Completes::folders; return *this; }
    Option& or_folder() { may_be_folder = true; return *this; } // an output: a file, or a folder of files
    Option& words(std::vector<std::string> names) { completion_words = std::move(names); return *this; }
    Option& words_from(std::string shell_command) { completion_command = std::move(shell_command); return *this; }
    Option& or_stdin() { takes_stdin = true; return *this; }
    Option& hidden() { is_hidden = true; return *this; } // works, but is not shown
    Option& not_recorded() { is_recorded = false; return *this; } // output names, verbosity: differ from run to run
    Option& command_line_only() { is_resolved = is_recorded = false; return *this; } // a deed, not a setting: --list
    Option& unless(std::string other) { instead = std::move(other); return *this; } // given: see `instead`
    Option& initially(std::string words) { initial = std::move(words); return *this; } // shown instead of the default's text
    // clang-format on

    // ---- what was resolved
    Origin origin = Origin::initial;
    std::string place; // "recipe.yaml:3:5", "DS_BATCH", or empty
    bool given() const { return origin != Origin::initial; }
    bool is_flag() const { return std::holds_alternative<bool*>(target); }
    bool is_list() const;
    /// Shown and recorded as a list: one file where several are allowed is not.
    bool shows_list() const { return is_list() && !(takes_patterns && values().size() == 1); }
    std::string environment() const;         // "DS_LEARNING_RATE", or empty
    std::string label() const;               // "--data" or "MODEL": how an error names it
    std::vector<std::string> values() const; // what the target holds now, as text that reads back; none when not set
    /// Parses and stores; a single value unless is_list(). Error(usage) without the option's name.
    void assign(const std::vector<std::string>& texts);
};

/// "512", "64KiB", "2GiB", "1.5GB": K, M, G, T with iB are powers of 1024, with B or nothing powers of 1000.
int64_t parse_bytes(std::string_view text); // Error(usage)
/// "90", "90s", "10m", "1h30m", "500ms", "2d".
double parse_seconds(std::string_view text); // Error(usage)

} // namespace ds::cli
