// What decides how an evaluation ends: bounds on metrics, and the comparison of two models by a bootstrap over samples
// or groups of them (Efron & Tibshirani 1993). A metric that is not a number holds no bound and passes no comparison.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "task/task.h"

namespace ds {

/// "top1=0.92" as a bound on a metric.
struct Bound {
    std::string metric;
    double value = 0;
    bool is_minimum = true;
};
Bound parse_bound(const std::string& text, bool is_minimum); // Error(usage)

struct BoundResult {
    Bound bound;
    double measured = 0;
    bool held = false;
};
std::vector<BoundResult> check_bounds(const Metrics& metrics, const std::vector<Bound>& bounds);

/// A metric minus another model's on the same samples, with a 95 % interval.
struct Comparison {
    std::string metric;
    Better better = Better::greater;
    double difference = 0, low = 0, high = 0;
    bool known() const; // false: one of the two is not a number
    bool significantly_worse() const { return better == Better::greater ? high < 0 : low > 0; }
    bool held() const { return known() && !significantly_worse(); }
};
Comparison compare(const Metrics& metrics, const Metrics& other, const MetricRow& by, uint64_t seed);

struct Verdict {
    std::vector<BoundResult> bounds;
    std::optional<Comparison> comparison;
    bool held() const;
};
std::vector<std::string> verdict_lines(const Verdict& verdict);
/// "checks": a list, and "compare": an object, where there are any.
void add_verdict(Json& json, const Verdict& verdict);

} // namespace ds
