// make_plan: bind, order, draft, place, check the memory limit.
#include "plan/plan.h"

#include "base/error.h"
#include "graph/verify.h"
#include "plan/draft/draft.h"

namespace ds {

namespace {

Graph bound_graph(const Graph& graph, const Binding& binding) {
    for (const std::string& symbol : symbols(graph))
        if (binding.count(symbol) == 0) fail(Exit::data, "graph '{}': no size is given for '{}'", graph.name, symbol);
    return bind(graph, binding);
}

std::shared_ptr<Plan> plan_without_limit(const Graph& graph, const Binding& binding, const PlanOptions& options) {
    const Graph bound = bound_graph(graph, binding);
    const Order order = order_nodes(bound, options.in_place);
    return std::make_shared<Plan>(place(Drafter(bound, order, options).run(), options));
}

int64_t beside(const Binding& binding, const PlanOptions& options) {
    return options.beside ? options.beside(binding) : 0;
}

/// The batch is the symbol N, as in every shipped model.
std::string advice(const Graph& graph, const Binding& binding, const PlanOptions& options) {
    if (binding.count("N") == 0) return "use a smaller model";
    const int64_t batch = largest_fitting(graph, binding, "N", options);
    if (batch == 0) return "not even a batch of 1 fits, use a smaller model";
    return fmt::format("the largest batch that fits is {}", batch);
}

[[noreturn]] void refuse_memory(const Graph& graph, const Binding& binding, const Plan& plan,
                                const PlanOptions& options) {
    auto mib = [](int64_t n) { return double(n) / (1 << 20); };
    const int64_t batches = beside(binding, options);
    fail(Exit::unavailable,
         "'{}' needs {:.1f} MiB of memory ({:.1f} for activations, {:.1f} for State, {:.1f} for batches of data), more "
         "than the {:.1f} MiB allowed; {}",
         graph.name, mib(plan.peak_bytes() + batches), mib(plan.arena_bytes), mib(plan.peak_bytes() - plan.arena_bytes),
         mib(batches), mib(options.memory_limit), advice(graph, binding, options));
}

} // namespace

std::shared_ptr<const Plan> make_plan(const Graph& graph, const Binding& binding, const PlanOptions& options) {
    std::shared_ptr<Plan> plan = plan_without_limit(graph, binding, options);
    if (options.memory_limit > 0 && plan->peak_bytes() + beside(binding, options) > options.memory_limit)
        refuse_memory(graph, binding, *plan, options);
    return plan;
}

int64_t largest_fitting(const Graph& graph, Binding binding, const std::string& symbol, PlanOptions options) {
    auto fits = [&](int64_t size) {
        binding[symbol] = size;
        const int64_t peak = plan_without_limit(graph, binding, options)->peak_bytes();
        return peak + beside(binding, options) <= options.memory_limit;
    };
    int64_t low = 0, high = binding.at(symbol); // low fits (or is 0); everything above high was not asked for
    while (low < high) {
        const int64_t middle = low + (high - low + 1) / 2;
        if (fits(middle)) low = middle;
        else high = middle - 1;
    }
    return low;
}

} // namespace ds
