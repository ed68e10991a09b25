// The dropout mask is a formula of seed, stream, step, sample and element alone; written out here once more.
#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "ops/random.h"
#include "unit/kernels/case.h"
#include "unit/kernels/run_kernel.h"

namespace ds::testing {
namespace {

struct Draw {
    double p;
    int64_t stream, seed, step;
    std::vector<double> samples;
};

Tensor number(int64_t value) {
    Tensor t(DType::i64, {});
    t.as<int64_t>()[0] = value;
    return t;
}

/// Ones through dropout_train on each kernel of a device.
std::vector<Tensor> dropped(const Draw& d, const Dims& shape) {
    Case c{"dropout",
           "dropout_train",
           with<DropoutAttrs>([&](DropoutAttrs& a) {
               a.p = d.p;
               a.stream = d.stream;
           }),
           {fixed(shape, 1, 1), i64({}, 0, 0), i64({}, 0, 0), given(DType::i64, {shape[0]}, d.samples)}};
    Problem problem_of = problem(c);
    problem_of.inputs["in1"] = number(d.seed);
    problem_of.inputs["in2"] = number(d.step);
    std::vector<Tensor> in, results;
    const Node& node = problem_of.graph.nodes[0];
    for (const Input& input : problem_of.graph.inputs) in.push_back(problem_of.inputs.at(input.name));
    for (const kernels::Row& row : kernels::registry("cpu").rows("dropout_train")) {
        const Made made = make_kernel(row, problem_of.graph, node, in, {"plain"});
        if (made.kernel) results.push_back(run_kernel(*made.kernel, problem_of.graph, node, in, {"plain"}).out[0]);
    }
    return results;
}

bool is_kept(const Draw& d, size_t sample, int64_t e) {
    const auto seed = uint64_t(d.seed);
    const rng::Block words = rng::philox({uint32_t(e / 4), uint32_t(int64_t(d.samples[sample])), uint32_t(d.step),
                                          uint32_t(d.stream * 16 + int64_t(rng::Stream::dropout))},
                                         {uint32_t(seed), uint32_t(seed >> 32)});
    return double(words[size_t(e % 4)]) >= d.p * 4294967296.0;
}

TEST(Dropout, MaskIsTheFormula) {
    const Draw draws[] = {{0.5, 0, 7, 0, {0, 1, 2}},
                          {0.1, 3, -5, 12345, {59999, 4, 4}},
                          {0.9, 12, int64_t{1} << 40, 7, {1, 2, 3000000000.0}}};
    for (const Draw& d : draws) {
        const std::vector<Tensor> results = dropped(d, {3, 5, 7});
        ASSERT_GE(results.size(), 2u) << "one of our own and the reference";
        for (const Tensor& y : results)
            for (int64_t i = 0; i < y.size(); ++i)
                ASSERT_FLOAT_EQ(y.as<float>()[i], is_kept(d, size_t(i / 35), i % 35) ? float(1 / (1 - d.p)) : 0.0f)
                    << "element " << i;
    }
}

TEST(Dropout, MaskFollowsTheSampleNotItsPlace) {
    const Draw one{0.5, 0, 7, 3, {10, 20}}, other{0.5, 0, 7, 3, {20, 10}};
    const Tensor a = dropped(one, {2, 64})[0], b = dropped(other, {2, 64})[0];
    for (int64_t i = 0; i < 64; ++i) {
        EXPECT_EQ(a.as<float>()[i], b.as<float>()[64 + i]);
        EXPECT_EQ(a.as<float>()[64 + i], b.as<float>()[i]);
    }
}

TEST(Dropout, DropsTheShareThatIsAskedFor) {
    const Draw d{0.3, 1, 11, 2, {0, 1, 2, 3}};
    const Tensor y = dropped(d, {4, 10000})[0];
    int64_t zeros = 0;
    for (int64_t i = 0; i < y.size(); ++i) zeros += y.as<float>()[i] == 0;
    EXPECT_NEAR(double(zeros) / double(y.size()), 0.3, 4 * std::sqrt(0.3 * 0.7 / 40000));
}

} // namespace
} // namespace ds::testing
