// Checked stdout.
#include "cli/out.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace ds::cli {
namespace {

constexpr size_t enough = 1 << 16;

} // namespace

void Out::write(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= enough) flush();
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
