// Learning-rate schedules: the rate of step t (from 1) of `total`, as a fraction of the peak times the peak.
#pragma once

#include <cstdint>
#include <string>

namespace ds {

enum class ScheduleKind { constant, step, cosine, linear, one_cycle, warmup_stable_decay };

struct Schedule {
    ScheduleKind kind = ScheduleKind::cosine;
    double lr = 1e-3;   // peak
    int64_t warmup = 0; // steps of linear rise from 0 (one_cycle: the rising part; 0: 30 % of the run)
    double floor = 0;   // the last rate as a fraction of the peak (cosine, linear, warmup_stable_decay)
    double gamma = 0.1; // step: factor
    int64_t every = 0;  // step: after this many steps; 0: a third of the run
    double decay = 0.2; // warmup_stable_decay: fraction of the run that decays (Hu et al. 2024)

    /// The rate of step t, 1 <= t. Steps beyond `total` keep the last rate.
    double at(int64_t t, int64_t total) const;
    /// True when the rate depends on how long the run is.
    bool depends_on_total() const;
};

} // namespace ds
