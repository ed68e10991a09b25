// Programs found and started by POSIX calls.
#include "cli/family.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "base/names.h"
#include "base/signals.h"

namespace ds::cli {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

namespace {

/// This program's folder, then those on PATH (an empty entry, the current folder, is left out).
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

bool is_program(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

/// The first 4 kB that a program prints.
std::string output_of(const fs::path& program, const std::string& option) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail(Exit::io, "cannot make a pipe: {}", std::strerror(errno));
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        execute(program, {program.filename(), option});
        _exit(127);
    }
    close(ends[1]);
    std::string text(4096, '\0');
    const ssize_t n = child > 0 ? read(ends[0], text.data(), text.size()) : 0;
    close(ends[0]);
    if (child > 0) waitpid(child, nullptr, 0);
    text.resize(n > 0 ? size_t(n) : 0);
    return text;
}

} // namespace

Words tool_names() {
    Words names;
    for (const fs::path& folder : folders()) {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(folder, ignored)) {
            const std::string name = entry.path().filename();
            if (name.starts_with("ds-") && name.find('.') == std::string::npos && is_program(entry.path()))
                names.push_back(name.substr(3));
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

fs::path find_tool(const std::string& name) {
    if (name.find('/') == std::string::npos)
        for (const fs::path& folder : folders())
            if (const fs::path tool = folder / ("ds-" + name); is_program(tool)) return tool;
    const Words known = tool_names();
    fail(Exit::usage, "unknown tool \"{}\"{}", name,
         name_hint(name, std::vector<std::string_view>(known.begin(), known.end())));
}

std::string tool_purpose(const std::string& name) { // the second line of the help is "ds-x: " and the purpose
    const std::string mark = "\nds-" + name + ": ", help = output_of(find_tool(name), "--help");
    const size_t start = help.find(mark);
    if (start == std::string::npos) return "";
    const size_t begin = start + mark.size();
    return help.substr(begin, help.find('\n', begin) - begin);
}

void execute(const std::string& program, const Words& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    signals::restore();
    execvp(program.c_str(), argv.data());
    signals::install();
}

} // namespace ds::cli
