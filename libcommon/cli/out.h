// Text results on stdout: buffered, every write checked. A reader that has closed its pipe is no error
// (cli::run ends with 0); a full disk is (74). cli::run flushes at the end.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/atomic_file.h"

namespace ds::cli {

class Out {
public:
    /// Words of ours, with names from files among them: control characters are written out (base/escape.h).
    void write(std::string_view text);
    /// What a model or a file says, byte for byte; on a terminal as write() does it.
    void write_content(std::string_view bytes);
    template <class... Args>
    void print(fmt::format_string<Args...> format, Args&&... args) {
        write(fmt::format(format, std::forward<Args>(args)...));
    }
    void flush();  // for lines that somebody waits for
    void finish(); // at the end: also a character that has not come whole

private:
    std::string buffer_, unfinished_;
};

/// Stdout of this process.
Out& out();

/// Error(usage) when stdout is a terminal: for tools about to write a model there.
void refuse_terminal(std::string_view what);

} // namespace ds::cli
