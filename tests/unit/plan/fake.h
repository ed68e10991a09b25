// Kernels that only say what they want of the planner, so that its decisions can be tested without numbers.
#pragma once

#include "graph/builder.h"
#include "kernels/kernel.h"
#include "ops/conv.h"
#include "ops/emit.h"
#include "ops/fused.h"
#include "ops/update.h"
#include "plan/plan.h"

namespace ds::testing {

struct FakeKernel : kernels::Kernel {
    void run(const kernels::Call&) const override {}
    void pack(int, const TensorView&, std::byte*, std::byte*) const override {}
};

using Made = std::unique_ptr<kernels::Kernel>;

inline Made plain_kernel(const kernels::Request&, std::string&) { return std::make_unique<FakeKernel>(); }

/// In place from every operand.
inline Made in_place_kernel(const kernels::Request& request, std::string&) {
    auto kernel = std::make_unique<FakeKernel>();
    for (size_t i = 0; i < request.in.size(); ++i) kernel->in_place.push_back({0, int(i)});
    return kernel;
}

inline Made strided_kernel(const kernels::Request& request, std::string&) {
    auto kernel = std::make_unique<FakeKernel>();
    kernel->strided.assign(request.in.size(), true);
    return kernel;
}

/// Channels in blocks of 8, a packed weight, 100 bytes of scratch.
inline Made blocked_conv(const kernels::Request& request, std::string& why) {
    if (request.in[0].shape[1] < 8) {
        why = "needs 8 channels";
        return nullptr;
    }
    auto kernel = std::make_unique<FakeKernel>();
    const Layout blocked{Format::blocked, 8};
    kernel->in_layout.assign(request.in.size(), Layout{});
    kernel->in_layout[0] = blocked;
    kernel->out_layout = {blocked};
    kernel->packings = {{1, "o8", 4096, 0}};
    kernel->scratch = 100;
    return kernel;
}

/// Packs its weight and keeps everything plain.
inline Made packing_linear(const kernels::Request&, std::string&) {
    auto kernel = std::make_unique<FakeKernel>();
    kernel->packings = {{1, "panel", 512, 64}};
    return kernel;
}

inline Made update_kernel(const kernels::Request& request, std::string&) {
    auto kernel = std::make_unique<FakeKernel>();
    kernel->in_place.push_back({0, 0});
    if (request.in.size() > 5) kernel->in_place.push_back({1, 5});
    return kernel;
}

/// A registry of fakes: `rows` first, then a plain kernel for everything else that the tests use.
inline kernels::Registry fake_registry(std::vector<kernels::Row> rows) {
    kernels::Registry registry;
    registry.add(rows);
    for (std::string_view op : {"unary", "binary", "linear", "linear_dx", "linear_dw", "conv2d", "slice", "transpose",
                                "reshape", "pad", "reduce", "sgd_update", "copy", "reorder"})
        registry.add(kernels::Row{op, "fake.plain", plain_kernel});
    return registry;
}

inline std::shared_ptr<const Plan> fake_plan(const Graph& graph, const kernels::Registry& registry,
                                             PlanOptions options = {}) {
    options.registry = &registry;
    return make_plan(graph, {{"N", 2}}, options);
}

/// The ops of a plan's steps, in order: "reorder conv2d conv2d reorder".
inline std::string ops(const Plan& plan) {
    std::string all;
    for (const Step& step : plan.steps) all += (all.empty() ? "" : " ") + step.op;
    return all;
}

inline ValueId relu(Builder& b, ValueId x) { return unary(b, UnaryKind::relu, x); }

inline ValueId parameter(Graph& g, const std::string& name, const Shape& shape) {
    Slot slot;
    slot.name = name;
    return g.add_slot(slot, {DType::f32, shape});
}

} // namespace ds::testing
