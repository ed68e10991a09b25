// The life of a tool: parse, resolve, act, flush, and the one catch that turns what went wrong into a line
// and an exit code.
#include "cli/tool.h"

#include <fcntl.h>
#include <unistd.h>

#include <new>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/signals.h"
#include "cli/arguments.h"
#include "cli/files.h"
#include "cli/help.h"
#include "cli/out.h"
#include "cli/resolve.h"
#include "cli/restart.h"
#include "io/history.h"
#include "report/recorded_options.h"

namespace ds::cli {
namespace {

enum class Shell { none, bash, zsh, fish };

/// What every command of every tool takes.
struct Common {
    bool help = false, version = false, quiet = false, verbose = false, print_config = false, help_scdoc = false;
    ProgressMode progress = ProgressMode::automatic;
    Shell completion = Shell::none;
    std::optional<int64_t> threads;
    std::string config, depfile;
};

void declare_everywhere(Command& command, Common& common) {
    command.group("Common");
    command.flag("-h,--help", common.help, "show this help and end").command_line_only();
    command.flag("--version", common.version, "show version, what is built in and the instructions in use, and end")
        .command_line_only();
    command
        .choice<Shell>("--completion", common.completion, "SHELL", "print the completion script of a shell and end",
                       {{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}})
        .command_line_only();
    command.flag("--help-scdoc", common.help_scdoc, "print the OPTIONS section of the man page and end")
        .command_line_only()
        .hidden();
}

void declare_in_leaf(Command& leaf, Common& common) {
    leaf.group("Common");
    leaf.flag("-q,--quiet", common.quiet, "no words on stderr but warnings and errors").not_recorded();
    leaf.flag("-v,--verbose", common.verbose, "more words on stderr").not_recorded();
    leaf.choice<ProgressMode>(
            "--progress", common.progress, "WHEN", "show progress on stderr",
            {{"auto", ProgressMode::automatic}, {"always", ProgressMode::always}, {"never", ProgressMode::never}})
        .not_recorded();
    leaf.option("--threads", common.threads, "N", "threads that compute")
        .range(1, 1024)
        .initially("what the machine allows");
    leaf.option("--config", common.config, "FILE", "read options from a YAML file").files().command_line_only();
    if (has_outputs(leaf))
        leaf.option("--depfile", common.depfile, "FILE", "write what the outputs were made from as a rule for make")
            .files()
            .not_recorded();
    leaf.flag("--print-config", common.print_config, "print all options, with where each came from, and end")
        .command_line_only();
}

void declare(Command& command, Common& common, bool bare) {
    if (command.is_leaf() && !bare) declare_in_leaf(command, common);
    declare_everywhere(command, common);
    for (Command& inner : command.commands()) declare(inner, common, bare);
}

/// What its options say must be known by their names to those who read histories.
bool is_known_to_histories(const Option& option) {
    const bool is_text = std::holds_alternative<std::string*>(option.target) ||
                         std::holds_alternative<std::vector<std::string>*>(option.target);
    const bool takes_files = option.completes != Option::Completes::nothing;
    if (option.is_positional || !is_text || !option.names_of_choices.empty() || option.is_recorded == takes_files)
        return true;
    return takes_files ? names_an_output(option.name) : holds_text(option.name) || holds_no_path(option.name);
}

void check_recorded(const Command& command) {
    for (const Option& option : command.options())
        if (!is_known_to_histories(option))
            bug("{}: report/recorded_options.cpp does not know what --{} says", command.full_name(), option.name);
    for (const Command& inner : command.commands()) check_recorded(inner);
}

/// Answers that need nothing else; true when one was given.
bool answer(const Tool& tool, const Command& command, const Common& common) {
    constexpr const char* shells[] = {"", "bash", "zsh", "fish"};
    if (common.help) out().write(help_text(command));
    else if (common.version) out().write(version_text(tool));
    else if (common.completion != Shell::none) out().write(completion_script(tool, shells[int(common.completion)]));
    else if (common.help_scdoc) {
        if (is_known_tool(tool.full_name())) check_recorded(tool); // without it there is no page, and nothing is built
        out().write(man_options(tool));
    } else return false;
    return true;
}

void settle(const Common& common) {
    if (common.quiet && common.verbose) fail(Exit::usage, "--quiet and --verbose contradict each other");
    log::set_level(common.quiet ? log::Level::quiet : common.verbose ? log::Level::verbose : log::Level::normal);
    Progress::set_mode(common.quiet ? ProgressMode::never : common.progress);
    set_threads(int(common.threads.value_or(0)));
}

using Arguments = std::vector<std::pair<Option*, std::string>>;

/// Options such as --help are stored before anything else is looked at.
void store_early(const Arguments& arguments) {
    for (const auto& [option, text] : arguments) {
        if (option->is_resolved || option->is_positional) continue;
        try {
            option->assign({text});
        } catch (const Error& error) {
            fail(error.code(), "{}: {}", option->label(), error.what());
        }
    }
}

Exit act(Tool& tool, int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    Common common;
    declare(tool, common, tool.is_bare());
    Command& command = find_command(tool, words);
    tool.choose(command);
    const Arguments arguments = parse_arguments(command, std::move(words));
    store_early(arguments);
    if (answer(tool, command, common)) return Exit::ok;
    if (tool.does_compute()) restart_to_spin_briefly(argv); // before anything is read
    if (!command.is_leaf()) fail(Exit::usage, "a command is missing; see {} --help", command.full_name());
    resolve(command, arguments, common.config.empty() ? Yaml() : Yaml::load(common.config));
    if (common.print_config) {
        out().write(print_config(command));
        return Exit::ok;
    }
    check_required(command);
    check_stdin(command);
    check_files_apart(command);
    check_outputs(command);
    settle(common);
    const Exit code = command.act()();
    if (code == Exit::ok && !common.depfile.empty()) write_file(common.depfile, depfile_text(command, common.config));
    return code;
}

int ended(Exit code) {
    if (code == Exit::ok && signals::stop_requested()) return 128 + signals::stop_signal();
    return int(code);
}

int report(Exit code, std::string_view line) {
    log::error(line);
    return int(code);
}

/// What was printed before an error is shown, too; that it cannot be is the smaller trouble.
void flush_quietly() {
    try {
        out().flush();
    } catch (const Error&) {
    } catch (const ReaderGone&) {}
}

int guarded(Tool& tool, int argc, char** argv) {
    try {
        const Exit code = act(tool, argc, argv);
        out().finish();
        return ended(code);
    } catch (const ReaderGone&) {
        return int(Exit::ok);
    } catch (const Error& error) {
        flush_quietly();
        return report(error.code(), error.what());
    } catch (const std::bad_alloc&) {
        return report(Exit::io, "out of memory; use a smaller batch or model");
    } catch (const std::exception& error) {
        flush_quietly();
        return report(Exit::bug, std::string("internal error: ") + error.what());
    }
}

/// A closed standard stream would be the next file opened, and results would be written into it. In its place
/// comes one on which reading finds nothing and writing to stdout fails, as it should.
void fill_closed_streams() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(fd, F_GETFD) < 0) (void)open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

} // namespace

int run(Tool& tool, int argc, char** argv) {
    fill_closed_streams();
    log::set_program(tool.full_name());
    signals::install();
    return guarded(tool, argc, argv);
}

int run(Tool& tool, int argc, char** argv, std::function<Exit()> act) {
    tool.action(std::move(act));
    return run(tool, argc, argv);
}

} // namespace ds::cli
