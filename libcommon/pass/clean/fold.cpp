// Constant folding: nodes whose inputs are all constants are computed once, by the reference kernels.
#include "kernels/kernel.h"
#include "ops/elementwise.h"
#include "pass/pass.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

constexpr int64_t max_elements = 4096; // larger results cost more to store than to compute

template <class T>
void write_all(Tensor& tensor, const std::vector<Number>& values) {
    for (int64_t i = 0; i < tensor.size(); ++i) tensor.as<T>()[i] = values[values.size() == 1 ? 0 : size_t(i)].to<T>();
}
template <class T>
std::vector<Number> read_all(const Tensor& tensor) {
    using Exact = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
    std::vector<Number> numbers;
    for (const T x : tensor.span<T>()) numbers.emplace_back(Exact(x));
    return numbers;
}

bool supported(DType d) {
    return d == DType::f32 || d == DType::f64 || d == DType::i64 || d == DType::i32 || d == DType::boolean;
}

Tensor tensor_of(const ConstantAttrs& attrs) {
    Tensor tensor(attrs.dtype, dims(attrs.shape));
    switch (attrs.dtype) {
    case DType::f32: write_all<float>(tensor, attrs.values); break;
    case DType::f64: write_all<double>(tensor, attrs.values); break;
    case DType::i64: write_all<int64_t>(tensor, attrs.values); break;
    case DType::i32: write_all<int32_t>(tensor, attrs.values); break;
    default: write_all<bool>(tensor, attrs.values); break;
    }
    return tensor;
}

ConstantAttrs constant_of(const Tensor& tensor) {
    ConstantAttrs attrs;
    attrs.dtype = tensor.dtype();
    attrs.shape = shape(tensor.shape());
    switch (tensor.dtype()) {
    case DType::f32: attrs.values = read_all<float>(tensor); break;
    case DType::f64: attrs.values = read_all<double>(tensor); break;
    case DType::i64: attrs.values = read_all<int64_t>(tensor); break;
    case DType::i32: attrs.values = read_all<int32_t>(tensor); break;
    default: attrs.values = read_all<bool>(tensor); break;
    }
    return attrs;
}

const Node* constant_producer(const Graph& graph, ValueId v) {
    const NodeId producer = graph.values[size_t(v)].node;
    return producer >= 0 && graph.nodes[size_t(producer)].op->name == "constant" ? &graph.nodes[size_t(producer)]
                                                                                 : nullptr;
}

bool small(const Graph& graph, ValueId v) {
    const Type& type = graph.type(v);
    return known(type.shape) && supported(type.dtype) && count(dims(type.shape)) <= max_elements;
}

/// True when the node, as it stands in the graph being written, can be computed now.
bool foldable(const Graph& graph, const Node& node, const std::vector<ValueId>& in) {
    if (in.empty() || node.op->effect != Effect::none || !node.after.empty() || !bodies_of(node).empty()) return false;
    for (ValueId v : in)
        if (v == no_value || !constant_producer(graph, v) || !small(graph, v)) return false;
    return true;
}

std::vector<Tensor> compute(const Graph& graph, const Node& node, const std::vector<ValueId>& in,
                            const std::vector<Type>& types) {
    std::vector<Tensor> inputs, outputs;
    std::vector<TensorView> in_views, out_views;
    std::vector<kernels::Operand> in_operands, out_operands;
    for (ValueId v : in) inputs.push_back(tensor_of(constant_producer(graph, v)->as<ConstantAttrs>()));
    for (const Type& type : types) outputs.emplace_back(type.dtype, dims(type.shape));
    for (const Tensor& t : inputs) {
        in_views.push_back(t.view());
        in_operands.push_back({t.dtype(), t.shape(), {}, contiguous_strides(t.shape()), true, true});
    }
    for (const Tensor& t : outputs) {
        out_views.push_back(t.view());
        out_operands.push_back({t.dtype(), t.shape(), {}, contiguous_strides(t.shape()), true, false});
    }
    const kernels::Request request{node.op->name, *node.attrs, in_operands, out_operands, {}};
    const kernels::Choice choice = kernels::choose(kernels::registry("reference"), request);
    const std::shared_ptr<std::byte> scratch = allocate_bytes(choice.kernel->scratch);
    choice.kernel->run({in_views, out_views, scratch.get()});
    return outputs;
}

} // namespace

Graph fold_constants(Graph graph) {
    Rewriter rewriter(graph);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        const std::vector<ValueId> in = rewriter.at(node.in);
        bool fold = foldable(rewriter.result, node, in);
        std::vector<Type> types;
        for (ValueId v : node.out) {
            types.push_back(graph.type(v));
            fold = fold && small(graph, v);
        }
        if (!fold) {
            rewriter.copy(NodeId(n));
            continue;
        }
        rewriter.replace(NodeId(n));
        const std::vector<Tensor> results = compute(rewriter.result, node, in, types);
        for (size_t i = 0; i < results.size(); ++i)
            rewriter.map(node.out[i], rewriter.builder.emit1("constant", attrs_of(constant_of(results[i])), {}));
    }
    return rewriter.finish();
}

} // namespace ds
