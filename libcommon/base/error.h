// The library's one exception. It carries the exit code a tool ends with and one line of text:
// what is wrong, where, and what to do. The library never exits or aborts; cli/ catches once.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

#include "base/exit.h"

namespace ds {

class Error : public std::runtime_error {
public:
    Error(Exit code, const std::string& message) : std::runtime_error(message), code_(code) {}
    Exit code() const noexcept { return code_; }

private:
    Exit code_;
};

/// Throws Error(code, formatted message). The message has no "error:" prefix and no full stop.
template <class... Args>
[[noreturn]] void fail(Exit code, fmt::format_string<Args...> format, Args&&... args) {
    throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

/// For states that only a mistake of ours can reach: exit 70.
template <class... Args>
[[noreturn]] void bug(fmt::format_string<Args...> format, Args&&... args) {
    throw Error(Exit::bug, "internal error: " + fmt::format(format, std::forward<Args>(args)...));
}

} // namespace ds
