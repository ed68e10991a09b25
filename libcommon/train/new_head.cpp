#include "train/new_head.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/names.h"
#include "graph/verify.h"
#include "ops/axes.h"
#include "task/task.h"

namespace ds {
namespace {

using Place = std::pair<ValueId, size_t>; // an axis of a value

/// The places that are of one size with some of them.
class SizeGroup {
public:
    /// `backward`: only what comes before them.
    SizeGroup(const Graph& graph, const std::vector<Place>& from, bool backward)
        : graph_(graph), places_(from.begin(), from.end()) {
        for (size_t before = 0; before != places_.size();) {
            before = places_.size();
            for (size_t n = graph.nodes.size(); n-- > 0;) follow(graph.nodes[n], backward);
        }
    }
    const std::set<Place>& places() const { return places_; }

private:
    void follow(const Node& node, bool backward) {
        std::vector<Type> in, out;
        for (ValueId v : node.in) in.push_back(operand_type(graph_, v));
        for (ValueId v : node.out) out.push_back(graph_.type(v));
        if (!node.op->axes) return;
        const Flows flows = node.op->axes({*node.attrs, in, out});
        for (size_t o = 0; o < out.size(); ++o)
            for (size_t i = 0; i < in.size(); ++i)
                for (size_t a = 0; a < flows[o][i].size(); ++a) {
                    const int64_t to = place_in(flows[o][i][a], in[i].shape[a], out[o].shape);
                    if (to >= 0) join({node.in[i], a}, {node.out[o], size_t(to)}, backward);
                }
    }
    /// The output's axis that is this one as it stands, or -1. Of axes split and merged that is one whose neighbours
    /// are 1.
    static int64_t place_in(const AxisFlow& flow, const Dim& size, const Shape& out) {
        if (flow.how == Follow::kept) return flow.axis;
        if (flow.how == Follow::merged) return out[size_t(flow.axis)] == size ? flow.axis : -1;
        if (flow.how != Follow::split) return -1;
        for (size_t a = size_t(flow.axis); a < out.size(); ++a) {
            if (out[a] == size) return int64_t(a);
            if (!(out[a] == Dim(1))) break;
        }
        return -1;
    }
    void join(const Place& in, const Place& out, bool backward) {
        if (places_.contains(out)) places_.insert(in);
        else if (!backward && places_.contains(in)) places_.insert(out);
    }

    const Graph& graph_;
    std::set<Place> places_;
};

/// Writes one size into every shape among an attribute struct's fields that is that of the node's value.
struct ShapeWriter : AttrsReader { // of a copy: its fields are written
    using AttrsReader::field;
    size_t rank, axis;
    Dim size;
    ShapeWriter(size_t r, size_t a, Dim s) : rank(r), axis(a), size(s) {}
    void field(const char*, Shape& s) override {
        if (s.size() == rank) s[axis] = size;
    }
};

void set_size(Graph& graph, const Place& place, int64_t size) {
    Value& value = graph.values[size_t(place.first)];
    value.type.shape[place.second] = Dim(size);
    if (value.node < 0) return;
    Node& node = graph.nodes[size_t(value.node)];
    std::shared_ptr<Attrs> attrs = node.attrs->clone();
    ShapeWriter writer(value.type.shape.size(), place.second, Dim(size));
    attrs->visit(writer);
    node.attrs = attrs;
}

class HeadMaker {
public:
    HeadMaker(Model& model, int64_t outputs) : model_(model), graph_(model.graph), outputs_(outputs) {}

    std::vector<std::string> run() {
        const Output* logits = graph_.find_output("logits");
        if (!logits) fail(Exit::usage, "--head: {} has no output 'logits'", model_.source);
        find_axes(logits->value);
        if (from_.empty()) refuse(logits->value);
        const Dim old = graph_.type(from_[0].first).shape[from_[0].second];
        const bool one = old == Dim(1); // what has 1 in its shape is not all of one kind
        if (one && outputs_ != 1)
            fail(Exit::usage,
                 "--head {}: the model gives one number a row, which its loss is made for; a model of more "
                 "takes the weights of this one with --init-from",
                 outputs_);
        const SizeGroup group(graph_, from_, one);
        std::vector<std::string> renewed = weights(group);
        if (!(old == Dim(outputs_))) resize(group);
        return renewed;
    }

private:
    /// Where the output has its classes, labels or numbers: the last axis, of images of numbers that of channels.
    void find_axes(ValueId value) {
        const Shape& shape = graph_.type(value).shape;
        if (shape.size() >= 2)
            from_.emplace_back(value, find_task(model_.task, model_.source).target == TargetMeaning::class_number
                                          ? shape.size() - 1
                                          : 1);
        else find_behind(value);
    }
    /// One number a row: the [N,1] that was reshaped to it.
    void find_behind(ValueId value) {
        const NodeId id = graph_.values[size_t(value)].node;
        if (id < 0) return;
        for (ValueId in : graph_.nodes[size_t(id)].in) {
            if (in == no_value) continue;
            const Shape& shape = graph_.type(in).shape;
            if (shape.size() == 2 && shape[1] == Dim(1)) from_.emplace_back(in, 1);
            else if (shape.size() == 1 && shape == graph_.type(value).shape) find_behind(in);
        }
    }
    [[noreturn]] void refuse(ValueId at) const {
        const NodeId id = graph_.values[size_t(at)].node;
        fail(Exit::usage,
             "--head: what {} gives comes from '{}'{}, not from a layer that can have other outputs (a linear one or "
             "a convolution)",
             model_.source, graph_.value_name(at),
             id < 0 ? "" : fmt::format(" ({})", graph_.nodes[size_t(id)].op->name));
    }
    /// Parameters and statistics of the group, which start anew.
    std::vector<std::string> weights(const SizeGroup& group) {
        std::vector<std::string> names;
        bool trained = false;
        for (const Slot& slot : graph_.slots) {
            const auto is_own = [&](const Place& place) { return place.first == slot.value; };
            if (std::ranges::none_of(group.places(), is_own)) continue;
            names.push_back(slot.name);
            trained = trained || (slot.kind == SlotKind::parameter && graph_.type(slot.value).shape.size() > 1);
        }
        if (!trained)
            refuse(std::ranges::min(group.places(), {}, [&](const Place& p) { return node_of(p.first); }).first);
        return names;
    }
    NodeId node_of(ValueId value) const { return graph_.values[size_t(value)].node; }

    void resize(const SizeGroup& group) {
        Shape before, after; // of the target
        for (const Input& input : graph_.inputs) {
            const auto place = std::ranges::find(group.places(), input.value, &Place::first);
            if (place == group.places().end()) continue;
            if (input.role != InputRole::target)
                fail(Exit::usage, "--head: what {} gives has as many numbers as its input '{}'", model_.source,
                     input.name);
            before = after = graph_.type(input.value).shape;
            after[place->second] = Dim(outputs_);
        }
        for (const Place& place : group.places()) set_size(graph_, place, outputs_);
        if (!before.empty()) resize_counts(before, after);
        try {
            graph_ = bind(graph_, {}); // infers types in order
        } catch (const Error& error) {
            fail(Exit::usage, "--head {}: other parts of {} hang on how many outputs it has: {}", outputs_,
                 model_.source, error.what());
        }
    }
    /// How many targets there are is a sum of ones in the target's shape, which nothing leads to.
    void resize_counts(const Shape& before, const Shape& after) {
        for (Node& node : graph_.nodes) {
            if (node.op->name != "constant" || !(graph_.type(node.out[0]).shape == before)) continue;
            for (size_t a = 0; a < after.size(); ++a)
                if (after[a].known()) set_size(graph_, {node.out[0], a}, after[a].value());
        }
    }

    Model& model_;
    Graph& graph_;
    int64_t outputs_;
    std::vector<Place> from_;
};

} // namespace

std::vector<std::string> renew_head(Model& model, int64_t outputs, uint64_t seed) {
    const std::vector<std::string> renewed = HeadMaker(model, outputs).run();
    for (const std::string& name : renewed) model.state->erase(name);
    initialise(model.graph, *model.state, seed);
    return renewed;
}

} // namespace ds
