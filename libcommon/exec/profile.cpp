#include "exec/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace ds {

namespace {

struct Row {
    std::string name;
    double seconds = 0, flops = 0, bytes = 0; // of one run
    int64_t steps = 0;
};

void sort_by_time(std::vector<Row>& rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.seconds > b.seconds; });
}

std::string line(const Row& row, double total) {
    const double seconds = std::max(row.seconds, 1e-12);
    return fmt::format("{:9.3f} {:6.1f} {:9.1f} {:8.1f} {:6}  {}\n", 1e3 * row.seconds,
                       100 * row.seconds / std::max(total, 1e-12), row.flops / seconds / 1e9, row.bytes / seconds / 1e9,
                       row.steps, row.name);
}

} // namespace

std::string profile_table(const Plan& plan, const Profile& profile, size_t rows) {
    if (profile.runs == 0) return "";
    std::vector<Row> steps, kernels;
    std::map<std::string, size_t> place; // kernel -> row
    for (size_t t = 0; t < plan.steps.size(); ++t) {
        const Step& step = plan.steps[t];
        const double seconds = profile.seconds[t] / double(profile.runs);
        const std::string kernel = step.op == "pack" ? "pack" : step.kernel_name;
        steps.push_back({fmt::format("{}: {}  {}", t, step.node, kernel), seconds, step.flops, step.bytes, 1});
        const auto [at, fresh] = place.try_emplace(kernel, kernels.size());
        if (fresh) kernels.push_back({kernel, 0, 0, 0, 0});
        Row& row = kernels[at->second];
        row.seconds += seconds;
        row.flops += step.flops;
        row.bytes += step.bytes;
        ++row.steps;
    }
    sort_by_time(kernels);
    sort_by_time(steps);
    const double total =
        std::accumulate(steps.begin(), steps.end(), 0.0, [](double sum, const Row& r) { return sum + r.seconds; });
    const std::string head = "   ms/run      %   GFLOP/s     GB/s  steps  ";
    std::string out = head + "kernel\n";
    for (const Row& row : kernels) out += line(row, total);
    out += head + "step: node  kernel\n";
    for (size_t i = 0; i < std::min(rows, steps.size()); ++i) out += line(steps[i], total);
    return out + fmt::format("{:9.3f} ms a run over {} runs\n", 1e3 * total, profile.runs);
}

std::string profile_of(const std::map<int64_t, std::unique_ptr<Executor>>& executors) {
    const Executor* busiest = nullptr;
    for (const auto& [size, executor] : executors)
        if (!busiest || executor->profile().runs > busiest->profile().runs) busiest = executor.get();
    return busiest ? profile_table(busiest->plan(), busiest->profile()) : "";
}

} // namespace ds
