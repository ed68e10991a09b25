// One row of the case tables: an op on operands. A row drives every test of this folder: its gradient rule against
// finite differences, and each kernel that takes the op, or an op of its gradient, against the float64 reference.
//
// Tables are written in f32 and evaluated in f64 too (retyped()). Values are random by the case's name, and exact in
// f32, so that both see the same numbers. To add an op: a row in one of the cases_*.cpp.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace ds::testing {

struct In {
    DType dtype = DType::f32;
    Dims shape;
    double low = -1, high = 1;       // integers: both inclusive
    bool gradient = true;            // floats: the rule gives its gradient
    std::vector<double> values = {}; // instead of random ones
};

inline In real(Dims shape, double low = -1, double high = 1) { return {DType::f32, std::move(shape), low, high}; }
/// Real, and no gradient is asked for: running statistics, targets, learning rates.
inline In fixed(Dims shape, double low = -1, double high = 1) {
    return {DType::f32, std::move(shape), low, high, false};
}
inline In i32(Dims shape, double low, double high) { return {DType::i32, std::move(shape), low, high, false}; }
inline In i64(Dims shape, double low, double high) { return {DType::i64, std::move(shape), low, high, false}; }
inline In boolean(Dims shape) { return {DType::boolean, std::move(shape), 0, 1, false}; }
inline In given(DType dtype, Dims shape, std::vector<double> values) {
    return {dtype, std::move(shape), 0, 0, false, std::move(values)};
}

/// Attributes with what `set` sets: with<ConvAttrs>([](auto& a) { a.groups = 2; }).
template <class T, class F = void (*)(T&)>
AttrsPtr with(F set) {
    T attrs;
    set(attrs);
    return attrs_of(attrs);
}

struct Case {
    std::string name;
    std::string op;
    AttrsPtr attrs;
    std::vector<In> in;
    double tolerance = 1e-5; // of f32 kernels, relative to the greatest element of the output (at least 1)
    bool smooth = true;      // finite differences hold at these operands
};

/// A fused body as graph text; inputs whose names begin with "rstd", "var" or "scale" are from 0.5 to 2.
struct FusedCase {
    std::string name, pattern, text;
    double tolerance = 1e-5;
};

/// Every row of the cases_*.cpp.
const std::vector<Case>& all_cases();
const std::vector<FusedCase>& fused_cases();
std::vector<Case> elementwise_cases();
std::vector<Case> shape_cases();
std::vector<Case> linear_cases();
std::vector<Case> conv_cases();
std::vector<Case> norm_cases();
std::vector<Case> loss_cases();
std::vector<Case> attention_cases();
std::vector<Case> update_cases();

/// A graph and a tensor for each of its inputs.
struct Problem {
    Graph graph;
    std::map<std::string, Tensor> inputs;
    double tolerance = 1e-5;
    std::map<size_t, ValueId> gradient; // operand -> its gradient, when the rule gives one
};

/// The case's node as the graph's first, then the nodes of its gradient for an input "dy", all floats f32.
Problem problem(const Case& c);
/// The fused node of a body.
Problem problem(const FusedCase& c);
/// The same with another floating-point dtype for f32.
Problem retyped(const Problem& p, DType to = DType::f64);

/// A tensor of random values for an operand.
Tensor random_tensor(const In& in, uint64_t seed);
double element(const Tensor& t, int64_t i);
void set_element(const Tensor& t, int64_t i, double value);
/// f32 for f64 and back; other dtypes stay.
Tensor converted(const Tensor& t, DType dtype);

/// Every value of a graph, node by node on reference kernels; fused bodies likewise.
std::vector<Tensor> evaluate(const Graph& graph, const std::map<std::string, Tensor>& inputs);
/// One node on a reference kernel.
std::vector<Tensor> evaluate_node(const Graph& graph, const Node& node, const std::vector<Tensor>& in);

} // namespace ds::testing
