// The umbrella: "ds train ..." is ds-train with the same words, found beside this program or on PATH;
// "ds help train" opens its manual page; "ds --list" says what there is.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/names.h"
#include "base/signals.h"
#include "cli/out.h"
#include "cli/tool.h"

namespace {

using namespace ds;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

/// This program's folder, then those on PATH.
std::vector<fs::path> folders() {
    std::error_code ignored;
    std::vector<fs::path> all = {fs::read_symlink("/proc/self/exe", ignored).parent_path()};
    const char* path = std::getenv("PATH");
    std::string rest = path ? path : "";
    while (!rest.empty()) {
        const size_t colon = rest.find(':');
        if (colon != 0) all.push_back(rest.substr(0, colon));
        rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    }
    return all;
}

/// The names behind "ds-" of all tools found, sorted.
Words tools() {
    Words names;
    for (const fs::path& folder : folders()) {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(folder, ignored)) {
            const std::string name = entry.path().filename();
            if (name.starts_with("ds-") && name.find('.') == std::string::npos && access(entry.path().c_str(), X_OK) == 0)
                names.push_back(name.substr(3));
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

[[noreturn]] void refuse_unknown(const std::string& name) {
    const Words known = tools();
    fail(Exit::usage, "unknown tool \"{}\"{}", name, name_hint(name, std::vector<std::string_view>(known.begin(), known.end())));
}

fs::path find(const std::string& name) {
    if (name.find('/') == std::string::npos)
        for (const fs::path& folder : folders())
            if (const fs::path tool = folder / ("ds-" + name); access(tool.c_str(), X_OK) == 0) return tool;
    refuse_unknown(name);
}

/// Returns only when the program cannot be started.
void execute(const std::string& program, const Words& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    signals::restore();
    execvp(program.c_str(), argv.data());
    signals::install();
}

[[noreturn]] void become(const fs::path& tool, const Words& words) {
    execute(tool, words);
    fail(Exit::unavailable, "cannot start {}: {}", tool.string(), std::strerror(errno));
}

/// What a program prints, or "" when it fails.
std::string output_of(const fs::path& tool, const std::string& option) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail(Exit::io, "cannot make a pipe: {}", std::strerror(errno));
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execute(tool, {tool.filename(), option});
        _exit(127);
    }
    close(ends[1]);
    std::string text(4096, '\0');
    const ssize_t n = child > 0 ? read(ends[0], text.data(), text.size()) : 0;
    close(ends[0]);
    int status = 1;
    if (child > 0) waitpid(child, &status, 0);
    text.resize(n > 0 ? size_t(n) : 0);
    return text;
}

/// "measure a model on data": the second line of a tool's help is "ds-x: " and its purpose.
std::string purpose(const std::string& name) {
    const std::string mark = "\nds-" + name + ": ", help = output_of(find(name), "--help");
    const size_t start = help.find(mark);
    if (start == std::string::npos) return "";
    const size_t begin = start + mark.size();
    return help.substr(begin, help.find('\n', begin) - begin);
}

Exit list() {
    for (const std::string& name : tools()) cli::out().print("{:<10} {}\n", name, purpose(name));
    return Exit::ok;
}

/// The manual page from this installation (../share/man) when there is one, else man's own search, else --help.
Exit help(const std::string& name) {
    const fs::path tool = find(name);
    const fs::path page = tool.parent_path() / "../share/man/man1" / ("ds-" + name + ".1");
    std::error_code ignored;
    if (fs::exists(page, ignored) && isatty(STDOUT_FILENO)) execute("man", {"man", page});
    become(tool, {"ds-" + name, "--help"});
}

/// Words that belong to a tool are not this program's to parse: "ds train --epochs 3".
bool names_a_tool(int argc, char** argv) {
    return argc > 1 && argv[1][0] != '-' && std::string(argv[1]) != "help";
}

} // namespace

int main(int argc, char** argv) {
    bool want_list = false;
    Words words;
    cli::Tool tool("ds", "train, measure, use and look into neural networks");
    tool.positional("TOOL", words, "train: run ds-train with the words that follow; help TOOL: its manual page").words_from("ds --list");
    tool.flag("--list", want_list, "list the tools and what each is for").command_line_only();
    tool.bare();
    return cli::run(tool, names_a_tool(argc, argv) ? 1 : argc, argv, [&] {
        if (names_a_tool(argc, argv)) {
            Words all(argv + 1, argv + argc);
            const fs::path program = find(all[0]);
            all[0] = "ds-" + all[0];
            become(program, all);
        }
        if (want_list) return list();
        if (words.size() == 2 && words[0] == "help") return help(words[1]);
        fail(Exit::usage, "a tool is missing, as in ds train; see ds --list and ds --help");
    });
}
