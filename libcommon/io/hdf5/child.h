// Runs a function in a forked child that is limited in memory and time, and cannot write files or dump core:
// for code that may crash or hang on hostile input. What it sends comes back as bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace ds {

struct ChildLimits {
    uint64_t memory = uint64_t{256} << 20; // bytes of address space beyond what the parent has
    int seconds = 3;                       // of processor; of wall time four times that and ten more
    uint64_t output = uint64_t{1} << 30;   // bytes that it may send, those of one call of its sink among them
};

/// What the child's work calls to send bytes.
using ChildSink = std::function<void(std::span<const char>)>;

/// Returns what `work` sent. An Error thrown by `work` is thrown here too. Error(data) "`what`: ..." when the child
/// crashes, hangs, or breaks a limit; Error(try_again) when no process can be made.
std::string run_in_child(const std::function<void(const ChildSink&)>& work, const ChildLimits& limits,
                         const std::string& what);

/// The same for what need not fit in memory: each call of the child's sink, at most `largest` bytes, is handed over as
/// it comes. What `each` throws ends the child.
void stream_from_child(const std::function<void(const ChildSink&)>& work, const ChildLimits& limits,
                       const std::string& what, uint64_t largest, const std::function<void(const std::string&)>& each);

} // namespace ds
