#include "train/schedule.h"

#include <algorithm>
#include <cmath>

namespace ds {
namespace {

constexpr double pi = 3.14159265358979323846;

double cosine(double from, double to, double x) { return to + (from - to) * 0.5 * (1 + std::cos(pi * x)); }

/// Smith & Topin 2018, with cosine halves: from a 25th of the peak up to it, and down to a 250,000th.
double one_cycle(double done, double rise) {
    if (done < rise) return cosine(1.0 / 25, 1, done / rise);
    return cosine(1, 4e-6, rise < 1 ? (done - rise) / (1 - rise) : 1);
}

} // namespace

bool Schedule::depends_on_total() const {
    return kind != ScheduleKind::constant && !(kind == ScheduleKind::step && every > 0);
}

double Schedule::at(int64_t t, int64_t total) const {
    const double length = double(std::max<int64_t>(total, 1)), done = std::min(1.0, double(t - 1) / length);
    if (kind == ScheduleKind::one_cycle)
        return lr * one_cycle(done, warmup > 0 ? std::min(1.0, double(warmup) / length) : 0.3);
    if (t <= warmup) return lr * double(t) / double(warmup);
    const double rest = std::max(1.0, length - double(warmup)), after = std::min(1.0, double(t - 1 - warmup) / rest);
    switch (kind) {
    case ScheduleKind::step: {
        const int64_t period = every > 0 ? every : std::max<int64_t>(1, int64_t(std::ceil(length / 3)));
        return lr * std::pow(gamma, double((t - 1) / period));
    }
    case ScheduleKind::cosine: return lr * cosine(1, floor, after);
    case ScheduleKind::linear: return lr * (1 + (floor - 1) * after);
    case ScheduleKind::warmup_stable_decay:
        return done < 1 - decay ? lr
                                : lr * (1 + (floor - 1) * std::min(1.0, (done - (1 - decay)) / std::max(decay, 1e-9)));
    default: return lr;
    }
}

} // namespace ds
