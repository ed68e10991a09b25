// Checked stdout.
#include "cli/out.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/escape.h"
#include "base/utf8.h"

namespace ds::cli {
namespace {

constexpr size_t enough = 1 << 16;

} // namespace

void Out::write(std::string_view text) {
    buffer_ += visible_lines(text);
    if (buffer_.size() >= enough) flush();
}

void Out::write_content(std::string_view bytes) {
    if (!isatty(STDOUT_FILENO)) {
        buffer_ += bytes;
        return;
    }
    unfinished_ += bytes; // a character may come in pieces
    const size_t whole = unfinished_.size() - open_utf8(unfinished_);
    buffer_ += visible_lines(std::string_view(unfinished_).substr(0, whole));
    unfinished_.erase(0, whole);
}

void Out::finish() {
    buffer_ += visible_lines(unfinished_);
    unfinished_.clear();
    flush();
}

void Out::flush() {
    const std::string text = std::move(buffer_);
    buffer_.clear(); // also when writing fails: nothing is tried twice
    for (size_t done = 0; done < text.size();) {
        const ssize_t n = ::write(STDOUT_FILENO, text.data() + done, text.size() - done);
        if (n >= 0) done += size_t(n);
        else if (errno == EPIPE) throw ReaderGone{};
        else if (errno != EINTR) fail(Exit::io, "cannot write to stdout: {}", std::strerror(errno));
    }
}

Out& out() {
    static Out only;
    return only;
}

void refuse_terminal(std::string_view what) {
    if (isatty(STDOUT_FILENO))
        fail(Exit::usage, "{} is not written to a terminal; redirect stdout or name a file with -o", what);
}

} // namespace ds::cli
