// The umbrella: "ds train ..." is ds-train with the same words, found beside this program or on PATH;
// "ds help train" opens its manual page; "ds --list" says what there is.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "cli/family.h"
#include "cli/out.h"
#include "cli/tool.h"

namespace {

using namespace ds;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

[[noreturn]] void become(const std::string& name, Words words) {
    const fs::path program = cli::find_tool(name);
    words.insert(words.begin(), "ds-" + name);
    cli::execute(program, words);
    fail(Exit::unavailable, "cannot start {}: {}", program.string(), std::strerror(errno));
}

Exit list() {
    for (const std::string& name : cli::tool_names()) cli::out().print("{:<10} {}\n", name, cli::tool_purpose(name));
    return Exit::ok;
}

/// The page of this installation (../share/man) where there is one, else --help.
Exit help(const std::string& name) {
    const fs::path page = cli::find_tool(name).parent_path() / "../share/man/man1" / ("ds-" + name + ".1");
    std::error_code ignored;
    if (fs::exists(page, ignored) && isatty(STDOUT_FILENO)) cli::execute("man", {"man", page});
    become(name, {"--help"});
}

/// The words behind a tool's name are the tool's to parse: "ds train --epochs 3".
bool names_a_tool(int argc, char** argv) { return argc > 1 && argv[1][0] != '-' && std::string(argv[1]) != "help"; }

} // namespace

int main(int argc, char** argv) {
    const bool start = names_a_tool(argc, argv);
    bool want_list = false;
    Words words;
    cli::Tool tool("ds", "train, measure, use and look into neural networks");
    tool.bare()
        .positional("TOOL", words, "train: run ds-train with the words that follow; help TOOL: its manual page")
        .words_from("ds --list");
    tool.flag("--list", want_list, "list the tools and what each is for").command_line_only();
    return cli::run(tool, start ? 1 : argc, argv, [&] {
        if (start) become(argv[1], Words(argv + 2, argv + argc));
        if (want_list) return list();
        if (words.size() == 2 && words[0] == "help") return help(words[1]);
        fail(Exit::usage, "a tool is missing, as in ds train; see ds --list and ds --help");
    });
}
