// How output axes follow input axes (ops/axes.h), held to the reference kernels for every node of every case: slices of
// kept axes are exchanged, sums are taken in two parts, split and merged axes are permuted.
#include "ops/axes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

using Map = std::vector<int64_t>; // place along an axis -> where what stands there comes from

Map reversed(int64_t size) {
    Map map(static_cast<size_t>(size));
    for (size_t i = 0; i < map.size(); ++i) map[i] = size - 1 - int64_t(i);
    return map;
}

Map last_is_first(int64_t size) {
    Map map(static_cast<size_t>(size));
    std::iota(map.begin(), map.end(), 0);
    map.back() = 0;
    return map;
}

/// Whole blocks of a longer axis go where `map` sends them: place (a * map.size() + k) * inner + r.
Map blocks(const Map& map, int64_t outer, int64_t inner) {
    Map wide;
    const auto n = int64_t(map.size());
    for (int64_t a = 0; a < outer; ++a)
        for (int64_t k = 0; k < n; ++k)
            for (int64_t r = 0; r < inner; ++r) wide.push_back((a * n + map[size_t(k)]) * inner + r);
    return wide;
}

Tensor moved(const Tensor& from, size_t axis, const Map& map) {
    Tensor to(from.dtype(), from.shape());
    int64_t inner = 1;
    for (size_t d = axis + 1; d < from.shape().size(); ++d) inner *= from.shape()[d];
    const int64_t n = from.shape()[axis];
    for (int64_t i = 0; i < from.size(); ++i) {
        const int64_t at = i / inner % n, source = i + (map[size_t(at)] - at) * inner;
        set_element(to, i, element(from, source));
    }
    return to;
}

/// The tensor with zeros where `keep` says no along an axis.
template <class F>
Tensor masked(const Tensor& from, size_t axis, const F& keep) {
    Tensor to = from.clone();
    int64_t inner = 1;
    for (size_t d = axis + 1; d < from.shape().size(); ++d) inner *= from.shape()[d];
    for (int64_t i = 0; i < from.size(); ++i)
        if (!keep(i / inner % from.shape()[axis])) set_element(to, i, 0);
    return to;
}

bool close(const Tensor& a, const Tensor& b) {
    double scale = 1;
    for (int64_t i = 0; i < a.size(); ++i)
        if (std::isfinite(element(a, i))) scale = std::max(scale, std::abs(element(a, i)));
    for (int64_t i = 0; i < a.size(); ++i) {
        const double x = element(a, i), y = element(b, i);
        if (x != y && !(std::isnan(x) && std::isnan(y)) && !(std::abs(x - y) <= 1e-9 * scale)) return false;
    }
    return a.shape() == b.shape();
}

struct Axis {
    size_t input, axis;
};

/// One node with its operands and results.
class Subject {
public:
    Subject(const Graph& graph, const Node& node, std::vector<Tensor> in)
        : graph_(graph), node_(node), in_(std::move(in)), out_(evaluate_node(graph, node, in_)) {
        std::vector<Type> from, to;
        for (ValueId v : node.in) from.push_back(graph.type(v));
        for (ValueId v : node.out) to.push_back(graph.type(v));
        flows_ = node.op->axes({*node.attrs, from, to});
    }

    void check(std::set<std::string_view>& said) const {
        ASSERT_EQ(flows_.size(), out_.size());
        for (size_t o = 0; o < out_.size(); ++o) {
            ASSERT_EQ(flows_[o].size(), in_.size());
            for (size_t i = 0; i < in_.size(); ++i) ASSERT_EQ(flows_[o][i].size(), in_[i].shape().size());
            for (size_t axis = 0; axis < out_[o].shape().size(); ++axis) check_kept(o, axis, said);
            for (int64_t number = 0; number < 10; ++number) check_sum(o, number, said);
            check_runs(o, said);
        }
    }

private:
    std::vector<Axis> all(size_t output, Follow how, int64_t axis) const {
        std::vector<Axis> found;
        for (size_t i = 0; i < in_.size(); ++i)
            for (size_t d = 0; d < flows_[output][i].size(); ++d)
                if (flows_[output][i][d].how == how && flows_[output][i][d].axis == axis) found.push_back({i, d});
        return found;
    }
    Tensor with(size_t output, const std::vector<Axis>& axes, const Map& map) const {
        std::vector<Tensor> in = in_;
        for (const Axis& a : axes) in[a.input] = moved(in[a.input], a.axis, map);
        return evaluate_node(graph_, node_, in)[output];
    }
    void check_kept(size_t o, size_t axis, std::set<std::string_view>& said) const {
        const std::vector<Axis> from = all(o, Follow::kept, int64_t(axis));
        const int64_t size = out_[o].shape()[axis];
        if (from.empty()) return;
        said.insert(node_.op->name);
        for (const Axis& a : from) ASSERT_EQ(in_[a.input].shape()[a.axis], size) << where(o, axis);
        if (size == 0) return;
        for (const Map& map : {reversed(size), last_is_first(size)})
            EXPECT_TRUE(close(with(o, from, map), moved(out_[o], axis, map))) << where(o, axis) << " is kept";
    }
    void check_sum(size_t o, int64_t number, std::set<std::string_view>& said) const {
        const std::vector<Axis> over = all(o, Follow::summed, number);
        if (over.empty()) return;
        said.insert(node_.op->name);
        const int64_t size = in_[over[0].input].shape()[over[0].axis];
        for (const Axis& a : over) ASSERT_EQ(in_[a.input].shape()[a.axis], size) << where(o, a.axis);
        EXPECT_TRUE(close(with(o, over, reversed(size)), out_[o])) << where(o, over[0].axis) << " is summed";
        auto part = [&](const auto& keep) {
            std::vector<Tensor> in = in_;
            in[over[0].input] = masked(in[over[0].input], over[0].axis, keep);
            return evaluate_node(graph_, node_, in)[o];
        };
        const Tensor low = part([&](int64_t i) { return i < size / 2; }),
                     high = part([&](int64_t i) { return i >= size / 2; }), none = part([](int64_t) { return false; });
        Tensor sum = low.clone();
        for (int64_t i = 0; i < sum.size(); ++i)
            set_element(sum, i, element(low, i) + element(high, i) - element(none, i));
        EXPECT_TRUE(close(sum, out_[o])) << where(o, over[0].axis) << " is a sum of parts";
    }
    void check_runs(size_t o, std::set<std::string_view>& said) const {
        for (size_t i = 0; i < in_.size(); ++i)
            for (size_t d = 0; d < flows_[o][i].size(); ++d) {
                const AxisFlow& flow = flows_[o][i][d];
                const int64_t size = in_[i].shape()[d];
                if (flow.how == Follow::split) {
                    said.insert(node_.op->name);
                    const int64_t first = out_[o].shape()[size_t(flow.axis)];
                    const Map map = reversed(first);
                    EXPECT_TRUE(
                        close(with(o, {{i, d}}, blocks(map, 1, size / first)), moved(out_[o], size_t(flow.axis), map)))
                        << where(o, d) << " is split";
                }
                if (flow.how != Follow::merged) continue;
                said.insert(node_.op->name);
                int64_t outer = 1, inner = 1;
                for (size_t e = 0; e < flows_[o][i].size(); ++e)
                    if (flows_[o][i][e].how == Follow::merged && flows_[o][i][e].axis == flow.axis)
                        (e < d ? outer : e > d ? inner : outer) *= e == d ? 1 : in_[i].shape()[e];
                const Map map = reversed(size);
                EXPECT_TRUE(close(with(o, {{i, d}}, map), moved(out_[o], size_t(flow.axis), blocks(map, outer, inner))))
                    << where(o, d) << " is merged";
            }
    }
    std::string where(size_t o, size_t axis) const {
        return std::string(node_.op->name) + ", output " + std::to_string(o) + ", axis " + std::to_string(axis);
    }

    const Graph& graph_;
    const Node& node_;
    std::vector<Tensor> in_, out_;
    Flows flows_;
};

constexpr int64_t most_elements = 3000; // of all operands: larger cases are there for the kernels

TEST(Axes, FollowWhatTheirRulesSay) {
    std::set<std::string_view> said;
    auto check = [&](const std::string& name, const Problem& exact) {
        const Problem p = retyped(exact);
        int64_t elements = 0;
        for (const auto& [input, tensor] : p.inputs) elements += tensor.size();
        if (elements > most_elements) return;
        SCOPED_TRACE(name);
        const std::vector<Tensor> values = evaluate(p.graph, p.inputs);
        for (const Node& node : p.graph.nodes) {
            std::vector<Tensor> in;
            for (ValueId v : node.in) in.push_back(values[size_t(v)]);
            ASSERT_NE(node.op->axes, nullptr) << node.op->name << " has no axes rule in its row";
            Subject(p.graph, node, std::move(in)).check(said);
        }
    };
    for (const Case& c : all_cases()) check(c.name, problem(c));
    for (const FusedCase& c : fused_cases()) check(c.name, problem(c));
    for (const OpRow* row : all_ops()) {
        const bool says_nothing = row->axes == mixed_axes;
        EXPECT_NE(said.count(row->name) != 0, says_nothing) << row->name << ": no case shows what its axes rule says";
    }
}

} // namespace
} // namespace ds::testing
