#include "train/step_program.h"

#include "pass/derive/autodiff.h"
#include "pass/derive/freeze.h"
#include "pass/derive/train_mode.h"

namespace ds {

std::vector<StepCall> step_program(const Graph& forward, const OptimizerOptions& options, int64_t accumulate,
                                   const PassOptions& passes, const std::set<std::string>& frozen,
                                   double label_smoothing) {
    using When = StepCall::When;
    std::vector<StepCall> program;
    Graph graph = run_pass("train-mode", freeze(forward, frozen), passes,
                           [&](const Graph& g) { return train_mode(g, label_smoothing); });
    graph = run_pass("autodiff", std::move(graph), passes, [](const Graph& g) { return differentiate(g); });
    graph = run_pass("optimizer", std::move(graph), passes, [&](Graph g) {
        if (accumulate <= 1) return optimizer_step(std::move(g), options);
        AccumulatedStep steps = accumulated_step(std::move(g), options);
        program.push_back({"update", When::once, std::move(steps.apply)});
        return std::move(steps.micro);
    });
    program.insert(program.begin(), {"batch", When::each_batch, std::move(graph)});
    return program;
}

} // namespace ds
