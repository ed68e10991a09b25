#include "base/status_line.h"

#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ds {
namespace {

constexpr std::string_view erase_code = "\r\033[K";
std::mutex mutex;
bool drawn = false; // a status line stands on the terminal

/// One write call for a whole line, so that lines of several processes do not mix. Errors are
/// dropped: there is no better place to tell them than stderr itself.
void write_stderr(std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        text.remove_prefix(size_t(n));
    }
}

size_t columns() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) return size.ws_col;
    return 80;
}

} // namespace

bool stderr_is_terminal() {
    const char* term = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) && !(term && std::string_view(term) == "dumb");
}

void print_line(std::string_view line) {
    const std::lock_guard lock(mutex);
    std::string text;
    if (drawn) text += erase_code;
    drawn = false;
    text += line;
    text += '\n';
    write_stderr(text);
}

void draw_status_line(std::string_view line) {
    const std::lock_guard lock(mutex);
    std::string text(erase_code);
    text += line.substr(0, columns() - 1);
    drawn = true;
    write_stderr(text);
}

void erase_status_line() {
    const std::lock_guard lock(mutex);
    if (drawn) write_stderr(erase_code);
    drawn = false;
}

} // namespace ds
