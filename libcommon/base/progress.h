// Progress of long work: one line on stderr, redrawn at most ten times a second, erased when done.
// Drawn only when stderr is a terminal, unless --progress says always or never. Shows the rate and
// the time left. Not thread-safe: one owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ds {

enum class ProgressMode { automatic, always, never };

class Progress {
public:
    static void set_mode(ProgressMode mode); // process-wide, from --progress
    static bool enabled();

    Progress(std::string what, int64_t total, std::string unit); // total < 0: unknown
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `done` units of `total` are finished; `note` (loss, accuracy) is shown behind the bar.
    void update(int64_t done, std::string_view note = {});
    void finish();

private:
    std::string what_, unit_;
    int64_t total_, first_ = -1;
    std::chrono::steady_clock::time_point start_, drawn_{};
    bool shown_ = false;
};

} // namespace ds
