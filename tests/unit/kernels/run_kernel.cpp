#include "unit/kernels/run_kernel.h"

#include <algorithm>

#include "base/parallel.h"
#include "ops/fused.h"
#include "unit/kernels/memory.h"

namespace ds::testing {
namespace {

Layout offered_layout(const Setting& s, size_t i) { return s.in_layout.empty() ? Layout{} : s.in_layout[i]; }

/// A request and all that it points to.
struct Asked {
    std::vector<kernels::Operand> in, out, values;
    std::vector<kernels::Part> parts;
    std::vector<int> results;
    std::string pattern;

    Asked(const Graph& graph, const Node& node, const std::vector<Tensor>& tensors, const Setting& s) {
        for (size_t i = 0; i < tensors.size(); ++i) {
            kernels::Operand o{tensors[i].dtype(), tensors[i].shape(), offered_layout(s, i), {}};
            if (o.layout.format == Format::plain) o.strides = strides_of(o.shape, s.strides);
            o.constant = s.constant && i > 0;
            in.push_back(o);
        }
        for (size_t i = 0; i < node.out.size(); ++i) {
            const Type& type = graph.type(node.out[i]);
            kernels::Operand o{type.dtype, dims(type.shape), {}, {}};
            o.used = int(i) != s.unused;
            out.push_back(o);
        }
        if (node.op->name == "fused") add_body(*node.as<FusedAttrs>().body, node.as<FusedAttrs>().pattern);
    }

    void add_body(const Graph& body, const std::string& name) {
        pattern = name;
        std::vector<int> number(body.values.size(), -1);
        for (size_t i = 0; i < body.inputs.size(); ++i) {
            number[size_t(body.inputs[i].value)] = int(i);
            values.push_back(in[i]);
        }
        for (const Node& n : body.nodes) {
            kernels::Part part{n.op->name, n.attrs.get(), {}, {}};
            for (ValueId v : n.in) part.in.push_back(number[size_t(v)]);
            for (ValueId v : n.out) {
                part.out.push_back(number[size_t(v)] = int(values.size()));
                values.push_back({body.type(v).dtype, dims(body.type(v).shape), {}, {}});
            }
            parts.push_back(std::move(part));
        }
        for (const Output& o : body.outputs) results.push_back(number[size_t(o.value)]);
    }

    kernels::Request request(const Node& node) const {
        return {node.op->name, *node.attrs, in, out, pattern, parts, results, values};
    }
};

/// The inputs of one call, each in memory of its own.
struct Inputs {
    std::vector<Guarded> memory;
    std::vector<TensorView> views;

    Inputs(const kernels::Kernel& kernel, const std::vector<Tensor>& tensors, const Setting& s) {
        for (size_t i = 0; i < tensors.size(); ++i) {
            TensorView view = tensors[i].view();
            view.layout = kernel.in_layout.empty() ? Layout{} : kernel.in_layout[i];
            const bool strided = !kernel.strided.empty() && kernel.strided[i] && view.layout == offered_layout(s, i);
            if (view.layout.format != Format::plain) view.strides.clear();
            else if (strided) view.strides = strides_of(view.shape, s.strides);
            memory.emplace_back(size_t(extent(view)) * element_size(view.dtype));
            view.data = memory.back().data();
            write_view(view, tensors[i]);
            views.push_back(view);
        }
        pack(kernel, tensors);
    }

    void pack(const kernels::Kernel& kernel, const std::vector<Tensor>& tensors) {
        for (size_t p = 0; p < kernel.packings.size(); ++p) {
            const kernels::Packing& packing = kernel.packings[p];
            const auto i = size_t(packing.input);
            memory[i] = Guarded(size_t(packing.bytes));
            const Guarded scratch(packing.scratch);
            kernel.pack(int(p), tensors[i].view(), memory[i].data(), scratch.data());
            views[i].data = memory[i].data();
        }
    }
};

} // namespace

Made make_kernel(const kernels::Row& row, const Graph& graph, const Node& node, const std::vector<Tensor>& in,
                 const Setting& setting) {
    set_threads(setting.threads);
    const Asked asked(graph, node, in, setting);
    Made made;
    made.kernel = row.make(asked.request(node), made.why);
    return made;
}

Ran run_kernel(const kernels::Kernel& kernel, const Graph& graph, const Node& node, const std::vector<Tensor>& in,
               const Setting& setting) {
    if (threads() != setting.threads) set_threads(setting.threads); // not from two threads at once
    Ran ran;
    const Inputs inputs(kernel, in, setting);
    std::vector<std::vector<std::byte>> before;
    for (size_t i = 0; i < in.size(); ++i) before.push_back(inputs.memory[i].content());
    std::vector<Guarded> memory;
    std::vector<TensorView> out;
    for (size_t o = 0; o < node.out.size(); ++o) {
        const Type& type = graph.type(node.out[o]);
        TensorView view{nullptr, type.dtype, dims(type.shape), contiguous_strides(dims(type.shape)), {}};
        if (!kernel.out_layout.empty()) view.layout = kernel.out_layout[o];
        if (view.layout.format != Format::plain) view.strides.clear();
        memory.emplace_back(size_t(bytes(view.dtype, view.shape, view.layout)));
        if (int(o) != setting.unused)
            view.data = int(o) == setting.in_place.first ? inputs.views[size_t(setting.in_place.second)].data
                                                         : memory.back().data();
        out.push_back(view);
    }
    const Guarded scratch(kernel.scratch);
    kernel.run({inputs.views, out, scratch.data()});

    if (!scratch.intact()) ran.faults.push_back("wrote outside of its scratch");
    for (size_t i = 0; i < in.size(); ++i) {
        if (!inputs.memory[i].intact()) ran.faults.push_back("wrote around input " + std::to_string(i));
        if (int(i) != setting.in_place.second && inputs.memory[i].content() != before[i])
            ran.faults.push_back("changed input " + std::to_string(i));
    }
    for (size_t o = 0; o < out.size(); ++o) {
        if (!memory[o].intact()) ran.faults.push_back("wrote around output " + std::to_string(o));
        ran.out.push_back(out[o].data ? read_view(out[o]) : Tensor());
        if (out[o].data && !tail_is_zero(out[o]))
            ran.faults.push_back("the last block of output " + std::to_string(o) + " has a tail that is not zero");
    }
    return ran;
}

std::vector<Setting> settings_for(const Graph&, const Node& node, const std::vector<Tensor>& in) {
    std::vector<Setting> all{{"plain"}};
    auto layouts = [&](int block, const auto& chosen) {
        std::vector<Layout> layout(in.size());
        for (size_t i = 0; i < in.size(); ++i)
            if (in[i].shape().size() == 4 && in[i].shape()[1] > 0 && chosen(i)) layout[i] = {Format::blocked, block};
        return layout;
    };
    const auto images = std::count_if(in.begin(), in.end(), [](const Tensor& t) { return t.shape().size() == 4; });
    for (int block : {8, 16}) {
        if (images > 0)
            all.push_back({"blocks of " + std::to_string(block), layouts(block, [](size_t) { return true; })});
        if (images > 1) {
            const auto first = size_t(
                std::find_if(in.begin(), in.end(), [](const Tensor& t) { return t.shape().size() == 4; }) - in.begin());
            all.push_back({"the first in blocks of " + std::to_string(block),
                           layouts(block, [=](size_t i) { return i == first; })});
            all.push_back({"all but the first in blocks of " + std::to_string(block),
                           layouts(block, [=](size_t i) { return i != first; })});
        }
    }
    all.push_back({"gaps", {}, Strides::gaps});
    all.push_back({"transposed", {}, Strides::transposed});
    all.push_back({"constants", {}, Strides::dense, true});
    // What an update gives is written to State; of other ops any output may have no reader.
    const bool some_unused = node.out.size() > 1 && node.op->effect == Effect::none;
    for (int o = 0; some_unused && o < int(node.out.size()); ++o) {
        all.push_back({"output " + std::to_string(o) + " unused", {}, Strides::dense, false, o});
        if (images > 0)
            all.push_back({"blocks of 8, output " + std::to_string(o) + " unused",
                           layouts(8, [](size_t) { return true; }), Strides::dense, false, o});
    }
    for (int threads : {1, 3})
        all.push_back({std::to_string(threads) + " threads", {}, Strides::dense, false, -1, {-1, -1}, threads});
    const bool large = std::any_of(in.begin(), in.end(), [](const Tensor& t) { return t.size() > 20000; });
    for (int block : {8, 16})
        if (large && images > 0)
            all.push_back({"blocks of " + std::to_string(block) + " and 3 threads",
                           layouts(block, [](size_t) { return true; }),
                           Strides::dense,
                           false,
                           -1,
                           {-1, -1},
                           3});
    return all;
}

} // namespace ds::testing
