#include "base/log.h"

#include <atomic>
#include <cstdlib>

#include "base/escape.h"
#include "base/status_line.h"

namespace ds::log {
namespace {

std::atomic<Level> current{Level::normal};

std::string& program() {
    static std::string name = "ds";
    return name;
}

/// Colour only on a terminal, and not where NO_COLOR is set to anything.
bool colour() {
    const char* no_color = std::getenv("NO_COLOR");
    return stderr_is_terminal() && !(no_color && *no_color);
}

void print(std::string_view kind, std::string_view colour_code, std::string_view line) {
    std::string text = program() + ": ";
    if (!kind.empty()) {
        const bool coloured = colour();
        if (coloured) text += colour_code;
        text += kind;
        text += ':';
        if (coloured) text += "\033[0m";
        text += ' ';
    }
    text += visible(line); // whatever it quotes, it is one line
    print_line(text);
}

} // namespace

void set_level(Level level) { current = level; }
Level level() { return current; }
void set_program(std::string name) { program() = std::move(name); }

void info(std::string_view line) {
    if (level() != Level::quiet) print("", "", line);
}

void detail(std::string_view line) {
    if (level() == Level::verbose) print("", "", line);
}

void warning(std::string_view line) { print("warning", "\033[33m", line); }
void error(std::string_view line) { print("error", "\033[31m", line); }

void page(std::string_view lines) {
    if (lines.ends_with('\n')) lines.remove_suffix(1);
    print_line(visible_lines(lines));
}

} // namespace ds::log
