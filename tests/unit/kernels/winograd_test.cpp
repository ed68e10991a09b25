// Convolutions of the size at which oneDNN takes Winograd's algorithm where the machine has AVX-512 (the rows of the
// case tables are too small for that): that it ran there, that --math strict leaves it out everywhere, and the errors
// of both algorithms against sums in float64. ds-train(1) states the bounds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/rng.h"
#include "kernels/cpu/isa.h"
#include "ops/conv.h"
#include "unit/kernels/case.h"
#include "unit/kernels/run_kernel.h"

namespace ds::testing {
namespace {

constexpr int64_t n = 16, c = 256, o = 256, size = 8;

/// x at (sample, channel, y, x), zero outside of the image.
double pixel(const Tensor& x, int64_t sample, int64_t channel, int64_t i, int64_t j) {
    if (i < 0 || j < 0 || i >= size || j >= size) return 0;
    return x.as<float>()[((sample * x.shape()[1] + channel) * size + i) * size + j];
}

double weight(const Tensor& w, int64_t to, int64_t from, int64_t i, int64_t j) {
    return w.as<float>()[((to * c + from) * 3 + i) * 3 + j];
}

double forward(const Tensor& x, const Tensor& w, int64_t sample, int64_t to, int64_t y, int64_t z) {
    double sum = 0;
    for (int64_t from = 0; from < c; ++from)
        for (int64_t tap = 0; tap < 9; ++tap)
            sum += pixel(x, sample, from, y + tap / 3 - 1, z + tap % 3 - 1) * weight(w, to, from, tap / 3, tap % 3);
    return sum;
}

double backward_x(const Tensor& dy, const Tensor& w, int64_t sample, int64_t from, int64_t y, int64_t z) {
    double sum = 0;
    for (int64_t to = 0; to < o; ++to)
        for (int64_t tap = 0; tap < 9; ++tap)
            sum += pixel(dy, sample, to, y - tap / 3 + 1, z - tap % 3 + 1) * weight(w, to, from, tap / 3, tap % 3);
    return sum;
}

double backward_w(const Tensor& x, const Tensor& dy, int64_t to, int64_t from, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t sample = 0; sample < n; ++sample)
        for (int64_t p = 0; p < size * size; ++p)
            sum +=
                pixel(dy, sample, to, p / size, p % size) * pixel(x, sample, from, p / size + i - 1, p % size + j - 1);
    return sum;
}

/// The greatest error of elements at random places, in units of the greatest element; `exact` takes four indices.
template <class Exact>
double greatest_error(const Tensor& got, const Exact& exact) {
    rng::Sequence places(7, rng::Stream::split);
    double greatest = 0, error = 0;
    for (int64_t i = 0; i < got.size(); ++i) greatest = std::max(greatest, std::abs(element(got, i)));
    const Dims& d = got.shape();
    for (int k = 0; k < 200; ++k) {
        const int64_t at = int64_t(places.below(uint64_t(got.size())));
        const double want = exact(at / (d[1] * d[2] * d[3]), at / (d[2] * d[3]) % d[1], at / d[3] % d[2], at % d[3]);
        error = std::max(error, std::abs(element(got, at) - want));
    }
    return error / greatest;
}

const kernels::Row& row_of(const std::string& op, const std::string& name) {
    const auto rows = kernels::registry("cpu").rows(op);
    const auto row = std::ranges::find(rows, name, &kernels::Row::name);
    if (row == rows.end()) bug("no row {}", name);
    return *row;
}

/// Forward, the gradient of x and that of w, with their operands and exact elements.
class Convolutions : public ::testing::Test {
protected:
    template <class Body>
    void each(const Body& body) const {
        int seen = 0;
        for (const Node& node : problem_.graph.nodes) {
            const std::string op(node.op->name);
            if (!op.starts_with("conv2d")) continue;
            body(op, node,
                 op == "conv2d"      ? std::vector{x, w}
                 : op == "conv2d_dx" ? std::vector{dy, w}
                                     : std::vector{x, dy});
            ++seen;
        }
        EXPECT_EQ(seen, 3);
    }
    double error_of(const kernels::Kernel& kernel, const Node& node, const std::vector<Tensor>& in) const {
        const Ran ran = run_kernel(kernel, problem_.graph, node, in, {"plain"});
        EXPECT_TRUE(ran.faults.empty()) << node.op->name << ": " << ran.faults[0];
        return greatest_error(ran.out[0], [&](int64_t a, int64_t b, int64_t i, int64_t j) {
            return node.op->name == "conv2d"      ? forward(x, w, a, b, i, j)
                   : node.op->name == "conv2d_dx" ? backward_x(dy, w, a, b, i, j)
                                                  : backward_w(x, dy, a, b, i, j);
        });
    }

    const Problem problem_ = problem(Case{"large",
                                          "conv2d",
                                          with<ConvAttrs>([](ConvAttrs& a) {
                                              a.pad = {1, 1, 1, 1};
                                          }),
                                          {real({n, c, size, size}), real({o, c, 3, 3})}});
    const Tensor x = random_tensor(real({n, c, size, size}), 1), w = random_tensor(real({o, c, 3, 3}), 2),
                 dy = random_tensor(real({n, o, size, size}), 3);
};

TEST_F(Convolutions, DirectSumsAreWithin3e6) {
    each([&](const std::string& op, const Node& node, const std::vector<Tensor>& in) {
        const Made made = make_kernel(row_of(op, "cpu.onednn." + op), problem_.graph, node, in, {"plain"});
        ASSERT_TRUE(made.kernel) << op << ": " << made.why;
        EXPECT_EQ(made.kernel->implementation.find("wino"), std::string::npos) << made.kernel->implementation;
        const double error = error_of(*made.kernel, node, in);
        RecordProperty(op, std::to_string(error * 1e6) + "e-6");
        EXPECT_LT(error, 3e-6) << op;
    });
}

TEST_F(Convolutions, WinogradRunsWhereTheMachineHasItAndIsWithin2e5) {
    each([&](const std::string& op, const Node& node, const std::vector<Tensor>& in) {
        const Made made =
            make_kernel(row_of(op, "cpu.onednn." + op + ".winograd"), problem_.graph, node, in, {"plain"});
        if (!kernels::cpu::has_wide_vectors()) {
            EXPECT_FALSE(made.kernel);
            EXPECT_NE(made.why.find("AVX-512"), std::string::npos) << made.why;
            return;
        }
        ASSERT_TRUE(made.kernel) << op << ": " << made.why;
        EXPECT_NE(made.kernel->implementation.find("wino"), std::string::npos) << made.kernel->implementation;
        const double error = error_of(*made.kernel, node, in);
        RecordProperty(op, std::to_string(error * 1e6) + "e-6");
        EXPECT_LT(error, 2e-5) << op;
    });
}

TEST_F(Convolutions, StrictNeverTakesWinograd) {
    each([&](const std::string& op, const Node& node, const std::vector<Tensor>& in) {
        std::vector<kernels::Operand> from(in.size()), to(1);
        for (size_t i = 0; i < in.size(); ++i) from[i].shape = in[i].shape();
        for (size_t i = 0; i < in.size(); ++i) from[i].strides = contiguous_strides(in[i].shape());
        to[0].shape = dims(problem_.graph.type(node.out[0]).shape);
        const kernels::Request request{op, *node.attrs, from, to, "", {}, {}, {}};
        const kernels::Choice strict = kernels::choose(kernels::registry("cpu"), request, kernels::Math::strict);
        EXPECT_EQ(strict.name, "cpu.onednn." + op);
        EXPECT_EQ(std::ranges::count(strict.refused,
                                     "cpu.onednn." + op + ".winograd: trades accuracy for speed (--math strict)"),
                  1);
        const kernels::Choice fast = kernels::choose(kernels::registry("cpu"), request);
        EXPECT_EQ(fast.name.ends_with(".winograd"), kernels::cpu::has_wide_vectors()) << fast.name;
    });
}

} // namespace
} // namespace ds::testing
