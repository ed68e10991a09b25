// The temporaries of this process, known to the signal handler: a second Ctrl-C ends at once and still
// leaves none behind. A fixed table without locks, so that the handler may read it at any moment.
#pragma once

#include <string>

namespace ds {

/// Enters an absolute path; returns its slot, or -1 when the table is full (the file is then not
/// removed by a signal, but by the next write to the same target).
int register_temporary(const std::string& path) noexcept;
void forget_temporary(int slot) noexcept;
/// Removes every registered file of this process. Async-signal-safe.
void unlink_temporaries() noexcept;

} // namespace ds
