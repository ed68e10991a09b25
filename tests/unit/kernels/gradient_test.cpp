// Each gradient rule against central differences, in float64 on reference kernels: the derivative of the projection of
// the op's first output on a random dy.
#include <gtest/gtest.h>

#include <cmath>

#include "unit/kernels/case.h"
#include "unit/kernels/names.h"

namespace ds::testing {
namespace {

class Gradient : public ::testing::TestWithParam<const Case*> {};

double projected(const Problem& p, const std::vector<Tensor>& in) {
    const Tensor y = evaluate_node(p.graph, p.graph.nodes[0], in)[0], &dy = p.inputs.at("dy");
    double sum = 0;
    for (int64_t i = 0; i < y.size(); ++i) sum += element(y, i) * element(dy, i);
    return sum;
}

/// The derivative by element i of an operand.
double difference(const Problem& p, std::vector<Tensor> in, size_t operand, int64_t i) {
    const double h = 1e-5, x = element(in[operand], i);
    in[operand] = in[operand].clone();
    set_element(in[operand], i, x + h);
    const double above = projected(p, in);
    set_element(in[operand], i, x - h);
    return (above - projected(p, in)) / (2 * h);
}

TEST_P(Gradient, EqualsFiniteDifferences) {
    const Problem p = retyped(problem(*GetParam()));
    const std::vector<Tensor> values = evaluate(p.graph, p.inputs);
    std::vector<Tensor> in;
    for (ValueId v : p.graph.nodes[0].in) in.push_back(values[size_t(v)]);
    for (const auto& [operand, gradient] : p.gradient) {
        const Tensor& got = values[size_t(gradient)];
        ASSERT_EQ(got.shape(), in[operand].shape()) << "operand " << operand;
        const int64_t step = std::max<int64_t>(1, got.size() / 12);
        for (int64_t i = 0; i < got.size(); i += step) {
            const double want = difference(p, in, operand, i);
            ASSERT_NEAR(element(got, i), want, 2e-6 * (1 + std::abs(want)))
                << "operand " << operand << ", element " << i;
        }
    }
}

/// Cases with a gradient where differences hold and are affordable.
std::vector<const Case*> differentiable() {
    std::vector<const Case*> chosen;
    for (const Case& c : all_cases()) {
        if (!c.smooth) continue;
        const Problem p = problem(c);
        int64_t work = 0;
        for (const auto& [name, tensor] : p.inputs) work += tensor.size();
        if (!p.gradient.empty() && work < 6000) chosen.push_back(&c);
    }
    return chosen;
}

INSTANTIATE_TEST_SUITE_P(Cases, Gradient, ::testing::ValuesIn(differentiable()),
                         [](const auto& made) { return test_name(made.param->name, made.index); });

} // namespace
} // namespace ds::testing
