#include "unit/kernels/case.h"

#include <cmath>

#include "base/rng.h"
#include "graph/builder.h"
#include "graph/text.h"
#include "kernels/kernel.h"
#include "ops/elementwise.h"
#include "ops/fused.h"
#include "pass/pass.h"

namespace ds::testing {
namespace {

template <class F>
auto with_type(DType dtype, const F& f) {
    switch (dtype) {
    case DType::f64: return f(double{});
    case DType::f32: return f(float{});
    case DType::i64: return f(int64_t{});
    case DType::i32: return f(int32_t{});
    case DType::i8: return f(int8_t{});
    case DType::u8: return f(uint8_t{});
    default: return f(bool{});
    }
}

DType retype(DType dtype, DType to) { return dtype == DType::f32 ? to : dtype; }

AttrsPtr retype(const AttrsPtr& attrs, DType to) {
    if (const auto* cast = dynamic_cast<const CastAttrs*>(attrs.get())) {
        CastAttrs wide = *cast;
        wide.dtype = retype(cast->dtype, to);
        return attrs_of(wide);
    }
    if (const auto* constant = dynamic_cast<const ConstantAttrs*>(attrs.get())) {
        ConstantAttrs wide = *constant;
        wide.dtype = retype(constant->dtype, to);
        return attrs_of(wide);
    }
    if (const auto* fused = dynamic_cast<const FusedAttrs*>(attrs.get())) {
        FusedAttrs wide = *fused;
        Problem body;
        body.graph = *fused->body;
        wide.body = std::make_shared<const Graph>(retyped(body, to).graph);
        return attrs_of(wide);
    }
    return attrs;
}

uint64_t seed_of(const std::string& name) { return rng::sub_stream(name.data(), name.size()); }

void add_gradient(Problem& p, const Case& c, const Node& node) {
    bool wanted = false;
    std::vector<bool> needs;
    for (const In& in : c.in) {
        needs.push_back(in.gradient && in.dtype == DType::f32);
        wanted = wanted || needs.back();
    }
    const Type type = p.graph.type(node.out[0]);
    if (!wanted || !node.op->gradient || type.dtype != DType::f32) return;
    const ValueId dy = p.graph.add_input("dy", type);
    p.inputs["dy"] = random_tensor(real(dims(type.shape)), seed_of(c.name + " dy"));
    Builder builder(p.graph);
    builder.set_name("gradient");
    std::vector<ValueId> dout(node.out.size(), no_value);
    dout[0] = dy;
    GradientArgs args{
        builder, node.attrs, node.in, node.out, dout, needs, std::vector<ValueId>(node.in.size(), no_value)};
    node.op->gradient(args);
    for (size_t i = 0; i < needs.size(); ++i)
        if (needs[i] && args.din[i] != no_value) p.gradient[i] = args.din[i];
}

} // namespace

const std::vector<Case>& all_cases() {
    static const std::vector<Case> all = [] {
        std::vector<Case> cases;
        for (auto family : {elementwise_cases, shape_cases, linear_cases, conv_cases, norm_cases, loss_cases,
                            attention_cases, update_cases})
            for (Case& c : family()) cases.push_back(std::move(c));
        return cases;
    }();
    return all;
}

double element(const Tensor& t, int64_t i) {
    return with_type(t.dtype(), [&](auto zero) { return double(t.as<decltype(zero)>()[i]); });
}

void set_element(const Tensor& t, int64_t i, double value) {
    with_type(t.dtype(), [&](auto zero) {
        t.as<decltype(zero)>()[i] = static_cast<decltype(zero)>(value);
        return 0;
    });
}

Tensor random_tensor(const In& in, uint64_t seed) {
    Tensor t(in.dtype, in.shape);
    rng::Sequence random(seed, rng::Stream::init);
    for (int64_t i = 0; i < t.size(); ++i) {
        const double u = random.uniform();
        double value =
            is_float(in.dtype) ? in.low + (in.high - in.low) * u : in.low + std::floor((in.high - in.low + 1) * u);
        if (!in.values.empty()) value = in.values[size_t(i) % in.values.size()];
        set_element(t, i, is_float(in.dtype) ? double(float(value)) : value);
    }
    return t;
}

Tensor converted(const Tensor& t, DType dtype) {
    const bool floats = is_float(t.dtype()) && is_float(dtype);
    Tensor to(floats ? dtype : t.dtype(), t.shape());
    for (int64_t i = 0; i < t.size(); ++i) set_element(to, i, element(t, i));
    return to;
}

Problem problem(const Case& c) {
    Problem p;
    p.graph.name = "case";
    p.tolerance = c.tolerance;
    std::vector<ValueId> in;
    for (const In& operand : c.in) {
        const std::string name = "in" + std::to_string(in.size());
        in.push_back(p.graph.add_input(name, {operand.dtype, shape(operand.shape)}));
        p.inputs[name] = random_tensor(operand, seed_of(c.name + " " + name));
    }
    const NodeId made = p.graph.add_node(op(c.op), c.attrs, in, c.name);
    const Node node = p.graph.nodes[size_t(made)]; // a copy: emitting grows the vector
    add_gradient(p, c, node);
    return p;
}

Problem problem(const FusedCase& c) {
    Problem p;
    p.tolerance = c.tolerance;
    p.graph = fuse(parse_graph(c.text, c.name));
    for (const Input& input : p.graph.inputs) {
        const Type& type = p.graph.type(input.value);
        In in{type.dtype, dims(type.shape)};
        for (const char* positive : {"rstd", "var", "scale"})
            if (input.name.starts_with(positive)) in.low = 0.5, in.high = 2;
        if (type.dtype == DType::boolean) in.low = 0;
        p.inputs[input.name] = random_tensor(in, seed_of(c.name + input.name));
    }
    return p;
}

Problem retyped(const Problem& p, DType to) {
    Problem wide = p;
    for (auto& [name, tensor] : wide.inputs) tensor = converted(tensor, retype(tensor.dtype(), to));
    for (Value& value : wide.graph.values) value.type.dtype = retype(value.type.dtype, to);
    for (Node& node : wide.graph.nodes) node.attrs = retype(node.attrs, to);
    return wide;
}

std::vector<Tensor> evaluate_node(const Graph& graph, const Node& node, const std::vector<Tensor>& in) {
    if (node.op->name == "fused") {
        const SubGraph body = node.as<FusedAttrs>().body;
        std::map<std::string, Tensor> inputs;
        for (size_t i = 0; i < in.size(); ++i) inputs[body->inputs[i].name] = in[i];
        const std::vector<Tensor> values = evaluate(*body, inputs);
        std::vector<Tensor> out;
        for (const Output& output : body->outputs) out.push_back(values[size_t(output.value)]);
        return out;
    }
    std::vector<kernels::Operand> from, to;
    std::vector<TensorView> in_views, out_views;
    std::vector<Tensor> out;
    for (const Tensor& t : in) {
        from.push_back({t.dtype(), t.shape(), {}, contiguous_strides(t.shape())});
        in_views.push_back(t.view());
    }
    for (ValueId v : node.out) {
        out.emplace_back(graph.type(v).dtype, dims(graph.type(v).shape));
        to.push_back({out.back().dtype(), out.back().shape(), {}, {}});
        out_views.push_back(out.back().view());
    }
    const kernels::Request request{node.op->name, *node.attrs, from, to, "", {}, {}, {}};
    const kernels::Choice choice = kernels::choose(kernels::registry("reference"), request);
    choice.kernel->run({in_views, out_views, nullptr});
    return out;
}

std::vector<Tensor> evaluate(const Graph& graph, const std::map<std::string, Tensor>& inputs) {
    std::vector<Tensor> values(graph.values.size());
    for (const Input& input : graph.inputs) values[size_t(input.value)] = inputs.at(input.name);
    for (const Node& node : graph.nodes) {
        std::vector<Tensor> in;
        for (ValueId v : node.in) in.push_back(values[size_t(v)]);
        std::vector<Tensor> out = evaluate_node(graph, node, in);
        for (size_t i = 0; i < out.size(); ++i) values[size_t(node.out[i])] = std::move(out[i]);
    }
    return values;
}

} // namespace ds::testing
