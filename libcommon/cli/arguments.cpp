// argv by CLI11: every option takes exactly one word as it stands, flags none, and the rest are positionals.
#include "cli/arguments.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/names.h"

namespace ds::cli {

Command& find_command(Command& root, std::vector<std::string>& words) {
    Command* at = &root;
    while (!at->is_leaf() && !words.empty() && !words.front().starts_with("-")) {
        const std::string prefix = at->full_name() + " ";
        std::vector<std::string_view> known;
        Command* next = nullptr;
        for (Command& command : at->commands()) {
            known.push_back(std::string_view(command.full_name()).substr(prefix.size()));
            if (known.back() == words.front()) next = &command;
        }
        if (!next) fail(Exit::usage, "unknown command \"{}\"{}", words.front(), name_hint(words.front(), known));
        at = next;
        words.erase(words.begin());
    }
    return *at;
}

namespace {

using Pairs = std::vector<std::pair<Option*, std::string>>;

std::string cli11_names(const Option& option) {
    return option.short_name.empty() ? "--" + option.name : "-" + option.short_name + ",--" + option.name;
}

/// The CLI11 side of a command: which of its options stands for which of ours.
class Parser {
public:
    explicit Parser(Command& command) : command_(command) {
        app_.set_help_flag();
        app_.allow_extras();
        for (Option& option : command.options())
            if (!option.is_positional) enter(option);
    }

    Pairs parse(std::vector<std::string> words) {
        split_empty_values(words);
        std::reverse(words.begin(), words.end()); // CLI11 takes them from the back
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            refuse(error.what());
        }
        Pairs pairs = in_order();
        place(positionals(), pairs);
        return pairs;
    }

private:
    struct Meaning {
        Option* option;
        const char* flag_value; // "true", "false", or null for an option with a value
    };

    void enter(Option& option) {
        if (option.is_flag()) {
            meanings_[app_.add_flag(cli11_names(option))->disable_flag_override()] = {&option, "true"};
            meanings_[app_.add_flag("--no-" + option.name)->disable_flag_override()] = {&option, "false"};
        } else {
            results_.emplace_back();
            CLI::Option* entered = app_.add_option(cli11_names(option), results_.back());
            entered->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
            meanings_[entered] = {&option, nullptr};
        }
    }
    /// CLI11 would give "--stop= x" the value "x".
    static void split_empty_values(std::vector<std::string>& words) {
        for (size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
            if (words[i].size() < 4 || !words[i].starts_with("--") || words[i].find('=') != words[i].size() - 1)
                continue;
            words[i].pop_back();
            words.insert(words.begin() + std::ptrdiff_t(++i), "");
        }
    }
    /// CLI11's texts begin with the name of the option; only a missing or a needless value is left to go wrong.
    [[noreturn]] void refuse(const std::string& what) const {
        std::string name = what.substr(0, what.find_first_of(": "));
        name.erase(0, name.find_first_not_of('-'));
        for (const auto& [parsed, meaning] : meanings_) {
            if (meaning.flag_value && (name == meaning.option->name || name == "no-" + meaning.option->name))
                fail(Exit::usage, "--{} takes no value", name);
            if (!meaning.flag_value && (name == meaning.option->name || name == meaning.option->short_name))
                fail(Exit::usage, "--{} needs a value: {}", meaning.option->name, meaning.option->value_name);
        }
        fail(Exit::usage, "{}; see {} --help", what, command_.full_name());
    }
    [[noreturn]] void refuse_unknown(const std::string& word) const {
        const std::string name = word.substr(0, word.find('='));
        std::vector<std::string> known;
        for (const Option& option : command_.options())
            if (!option.is_positional && !option.is_hidden) known.push_back("--" + option.name);
        const std::vector<std::string_view> views(known.begin(), known.end());
        const std::string_view near = nearest_name(name, views);
        if (near.empty()) fail(Exit::usage, "unknown option {}; see {} --help", name, command_.full_name());
        fail(Exit::usage, "unknown option {}; did you mean {}? see {} --help", name, near, command_.full_name());
    }
    Pairs in_order() const {
        Pairs pairs;
        std::map<const CLI::Option*, size_t> used;
        for (const CLI::Option* parsed : app_.parse_order()) {
            const auto& [option, flag_value] = meanings_.at(parsed);
            pairs.emplace_back(option, flag_value ? flag_value : parsed->results().at(used[parsed]++));
        }
        return pairs;
    }
    /// What CLI11 left over: unknown options are refused, the rest are positionals (after -- all of it).
    std::vector<std::string> positionals() const {
        std::vector<std::string> words;
        bool ended = false;
        for (const std::string& word : app_.remaining()) {
            if (ended || word == "-" || !word.starts_with("-")) words.push_back(word);
            else if (word == "--") ended = true;
            else refuse_unknown(word);
        }
        return words;
    }
    /// Positionals before the one that takes many, that one, and those behind it.
    void place(const std::vector<std::string>& words, Pairs& pairs) {
        std::vector<Option*> places;
        for (Option& option : command_.options())
            if (option.is_positional) places.push_back(&option);
        const size_t given = words.size();
        const bool many =
            std::any_of(places.begin(), places.end(), [](const Option* place) { return place->is_list(); });
        if (given > places.size() && !many)
            fail(Exit::usage, "\"{}\" is one argument too many; see {} --help", words[places.size()],
                 command_.full_name());
        size_t next = 0;
        for (size_t i = 0; i < places.size(); ++i) {
            const size_t behind = places.size() - i - 1;
            const size_t left = given - next;
            size_t take = left > 0 ? 1 : 0;
            if (places[i]->is_list()) take = left > behind ? left - behind : 0;
            for (; take > 0; --take) pairs.emplace_back(places[i], words[next++]);
        }
    }

    Command& command_;
    CLI::App app_;
    std::deque<std::vector<std::string>> results_;
    std::map<const CLI::Option*, Meaning> meanings_;
};

} // namespace

Pairs parse_arguments(Command& command, std::vector<std::string> words) {
    return Parser(command).parse(std::move(words));
}

} // namespace ds::cli
