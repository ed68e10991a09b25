#include "base/progress.h"

#include <atomic>
#include <fmt/format.h>

#include "base/escape.h"
#include "base/log.h"
#include "base/status_line.h"

namespace ds {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<ProgressMode> current_mode{ProgressMode::automatic};

double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

/// "7 s", "2:05", "1:02:05".
std::string duration_text(double seconds) {
    const auto s = int64_t(seconds + 0.5);
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
    return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string bar(double fraction) {
    constexpr int width = 20;
    const int full = int(fraction * width);
    return fmt::format("[{}{}]", std::string(size_t(full), '#'), std::string(size_t(width - full), '.'));
}

/// Rates from 0.01 to millions with about three digits.
std::string rate_text(double rate) { return rate >= 100 ? fmt::format("{:.0f}", rate) : fmt::format("{:.3g}", rate); }

} // namespace

void Progress::set_mode(ProgressMode mode) { current_mode = mode; }

bool Progress::enabled() {
    if (current_mode == ProgressMode::automatic) return log::level() != log::Level::quiet && stderr_is_terminal();
    return current_mode == ProgressMode::always;
}

Progress::Progress(std::string what, int64_t total, std::string unit)
    : what_(std::move(what)), unit_(std::move(unit)), total_(total), start_(Clock::now()) {}

Progress::~Progress() { finish(); }

void Progress::update(int64_t done, std::string_view note) {
    const auto now = Clock::now();
    if (first_ < 0) { // what was done before we began (a resumed run) does not count as our speed
        first_ = done;
        start_ = now;
    }
    if (!enabled()) return;
    // Into a file or a pipe whole lines are written, so they come slower.
    const bool terminal = stderr_is_terminal();
    const bool last = total_ >= 0 && done >= total_;
    if (shown_ && !last && seconds_between(drawn_, now) < (terminal ? 0.1 : 1.0)) return;
    drawn_ = now;
    shown_ = true;

    const double elapsed = seconds_between(start_, now);
    const double rate = elapsed > 0 ? double(done - first_) / elapsed : 0;
    std::string line = what_;
    if (total_ > 0)
        line += fmt::format(" {} {}/{} {}", bar(double(std::min(done, total_)) / double(total_)), done, total_, unit_);
    else line += fmt::format(" {} {}", done, unit_);
    if (rate > 0) line += fmt::format(", {} {}/s", rate_text(rate), unit_);
    if (rate > 0 && total_ > done) line += fmt::format(", {} left", duration_text(double(total_ - done) / rate));
    if (!note.empty()) line += fmt::format(", {}", note);
    line = visible(line); // what it counts may be named by a file
    if (terminal) draw_status_line(line);
    else print_line(line);
}

void Progress::finish() {
    if (shown_) erase_status_line();
    shown_ = false;
}

} // namespace ds
