// Convolutions of the size at which oneDNN takes Winograd's algorithm where the machine has AVX-512 (the rows of the
// case tables are too small for that): elements drawn at random against sums in float64.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/rng.h"
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

/// Elements at random places; `exact` takes their four indices.
template <class Exact>
void expect_near(const Tensor& got, const char* what, const Exact& exact) {
    rng::Sequence places(7, rng::Stream::split);
    double greatest = 0;
    for (int64_t i = 0; i < got.size(); ++i) greatest = std::max(greatest, std::abs(element(got, i)));
    const Dims& d = got.shape();
    for (int k = 0; k < 200; ++k) {
        const int64_t at = int64_t(places.below(uint64_t(got.size())));
        const double want = exact(at / (d[1] * d[2] * d[3]), at / (d[2] * d[3]) % d[1], at / d[3] % d[2], at % d[3]);
        EXPECT_NEAR(element(got, at), want, 1e-5 * greatest) << what << ", element " << at;
    }
}

TEST(Winograd, LargeConvolutionsAreExact) {
    const AttrsPtr attrs = with<ConvAttrs>([](ConvAttrs& a) { a.pad = {1, 1, 1, 1}; });
    const Problem p = problem(Case{"large", "conv2d", attrs, {real({n, c, size, size}), real({o, c, 3, 3})}});
    const Tensor x = random_tensor(real({n, c, size, size}), 1), w = random_tensor(real({o, c, 3, 3}), 2),
                 dy = random_tensor(real({n, o, size, size}), 3);
    int seen = 0;
    for (const Node& node : p.graph.nodes) {
        const std::string op(node.op->name);
        if (!op.starts_with("conv2d")) continue;
        const std::vector<Tensor> in = op == "conv2d"      ? std::vector{x, w}
                                       : op == "conv2d_dx" ? std::vector{dy, w}
                                                           : std::vector{x, dy};
        const auto rows = kernels::registry("cpu").rows(op);
        const auto row =
            std::ranges::find_if(rows, [](const kernels::Row& r) { return r.name.starts_with("cpu.onednn."); });
        ASSERT_NE(row, rows.end()) << op;
        const Setting setting{"plain"};
        const Made made = make_kernel(*row, p.graph, node, in, setting);
        ASSERT_TRUE(made.kernel) << op << ": " << made.why;
        const Ran ran = run_kernel(*made.kernel, p.graph, node, in, setting);
        EXPECT_TRUE(ran.faults.empty()) << op << ": " << ran.faults[0];
        const auto exact = [&](int64_t a, int64_t b, int64_t i, int64_t j) {
            return op == "conv2d"      ? forward(x, w, a, b, i, j)
                   : op == "conv2d_dx" ? backward_x(dy, w, a, b, i, j)
                                       : backward_w(x, dy, a, b, i, j);
        };
        expect_near(ran.out[0], op.c_str(), exact);
        ++seen;
    }
    EXPECT_EQ(seen, 3);
}

} // namespace
} // namespace ds::testing
