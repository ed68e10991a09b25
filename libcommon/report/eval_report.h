// What an evaluation says: tables for people, one JSON document, predictions as CSV, thresholds, and the comparison
// of two models by a bootstrap over samples (Efron & Tibshirani 1993).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "task/metrics.h"

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
    bool held = false; // a NaN holds no bound
};
std::vector<BoundResult> check_bounds(const Metrics& metrics, const std::vector<Bound>& bounds);

/// The deciding metric (see Metrics) minus another model's on the same samples, with a 95 % interval.
struct Comparison {
    std::string metric;
    bool greater_is_better = true;
    double difference = 0, low = 0, high = 0;
    bool significantly_worse() const { return greater_is_better ? high < 0 : low > 0; }
};
Comparison compare(const Metrics& metrics, const Metrics& other, uint64_t seed);

/// What decides the exit code.
struct Verdict {
    std::vector<BoundResult> bounds;
    std::optional<Comparison> comparison;
    bool held() const;
};
std::vector<std::string> verdict_lines(const Verdict& verdict);
/// "checks": a list, and "compare": an object, where there are any.
void add_verdict(Json& json, const Verdict& verdict);

std::string table(const Metrics& metrics);
std::string class_table(const Metrics& metrics, const std::vector<std::string>& labels);
std::string confusion_table(const Metrics& metrics, const std::vector<std::string>& labels);
Json to_json(const Metrics& metrics, const std::vector<std::string>& labels);
/// sample,target,predicted,probability (classes) or sample,target,value.
std::string predictions_csv(const Metrics& metrics, const std::vector<std::string>& labels);

} // namespace ds
