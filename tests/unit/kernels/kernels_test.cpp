// Each kernel of the CPU that takes a case's node, or a node of its gradient, against the float64 reference: plain and
// blocked layouts, strides, in place, without unused outputs, on 1, 2 and 3 threads, in f64 where it takes that.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>
#include <thread>

#include "base/error.h"
#include "ops/fused.h"
#include "unit/kernels/case.h"
#include "unit/kernels/names.h"
#include "unit/kernels/run_kernel.h"

namespace ds::testing {
namespace {

std::string list_name(const Node& node) {
    return node.op->name == "fused" ? "fused/" + node.as<FusedAttrs>().pattern : std::string(node.op->name);
}

/// The rows of the CPU that are not the reference's.
std::vector<kernels::Row> rows_for(const Node& node) {
    std::vector<kernels::Row> rows;
    for (const kernels::Row& row : kernels::registry("cpu").rows(list_name(node)))
        if (!row.name.starts_with("reference.")) rows.push_back(row);
    return rows;
}

bool same(double got, double want, double tolerance) {
    if (std::isnan(want)) return std::isnan(got);
    if (std::isinf(want)) return got == want;
    return std::abs(got - want) <= tolerance;
}

/// The first element that differs, in words; "" when none does. The tolerance is relative to the greatest element (at
/// least 1), for sums are as inexact as their terms; `each`: to the element itself.
std::string difference(const Tensor& got, const Tensor& exact, double tolerance, bool each) {
    const Tensor want = converted(exact, got.dtype()); // what is past f32 is infinite there
    if (got.shape() != want.shape()) return "shape " + text(got.shape()) + " for " + text(want.shape());
    double scale = 1;
    for (int64_t i = 0; i < want.size() && !each; ++i)
        if (std::isfinite(element(want, i))) scale = std::max(scale, std::abs(element(want, i)));
    for (int64_t i = 0; i < want.size(); ++i) {
        if (each) scale = std::max(1.0, std::abs(element(want, i)));
        const double allowed = is_float(got.dtype()) ? tolerance * scale : 0;
        if (!same(element(got, i), element(want, i), allowed))
            return "element " + std::to_string(i) + " is " + std::to_string(element(got, i)) + " and should be " +
                   std::to_string(element(want, i)) + " within " + std::to_string(allowed);
    }
    return "";
}

/// One node with its operands and what it should give.
struct Subject {
    const Graph& graph;
    const Node& node;
    std::vector<Tensor> in, want;
    double tolerance;
};

std::string check(const Subject& s, const kernels::Kernel& kernel, const Setting& setting, Ran& ran) {
    try {
        ran = run_kernel(kernel, s.graph, s.node, s.in, setting);
    } catch (const Error& error) {
        return error.what();
    }
    for (const std::string& fault : ran.faults) return fault;
    for (size_t o = 0; o < s.want.size(); ++o) {
        if (int(o) == setting.unused) continue;
        const bool each = s.node.op->name == "unary" || s.node.op->name == "binary";
        const std::string wrong = difference(ran.out[o], s.want[o], s.tolerance, each);
        if (!wrong.empty()) return "output " + std::to_string(o) + ": " + wrong;
    }
    return "";
}

bool equal_bytes(const Ran& a, const Ran& b) {
    for (size_t o = 0; o < std::min(a.out.size(), b.out.size()); ++o)
        if (!a.out[o].empty() && (a.out[o].byte_size() != b.out[o].byte_size() ||
                                  std::memcmp(a.out[o].data(), b.out[o].data(), a.out[o].byte_size()) != 0))
            return false;
    return true;
}

/// Ops whose elements are each computed alone, so that no number of threads changes a bit (sums may be split).
bool is_without_sums(const Node& node) {
    static const std::set<std::string_view> ops{
        "unary",      "unary_dx",     "binary",     "select",     "cast",    "argmax",
        "reshape",    "transpose",    "broadcast",  "concat",     "slice",   "pad",
        "gather",     "update_slice", "max_pool2d", "batch_norm", "dropout", "dropout_train",
        "sgd_update", "adam_update",  "ema_update", "fused/chain"};
    return ops.count(list_name(node)) != 0;
}

void expect_right(const kernels::Row& row, const Subject& s) {
    Ran plain;
    for (const Setting& setting : settings_for(s.graph, s.node, s.in)) {
        const std::string where = std::string(row.name) + " of " + s.node.name + ", " + setting.name;
        const Made made = make_kernel(row, s.graph, s.node, s.in, setting);
        if (!made.kernel) {
            EXPECT_FALSE(made.why.empty()) << where << ": refuses without a reason";
            continue;
        }
        Ran first, again;
        EXPECT_EQ(check(s, *made.kernel, setting, first), "") << where;
        EXPECT_EQ(check(s, *made.kernel, setting, again), "") << where << ", again";
        EXPECT_TRUE(equal_bytes(first, again)) << where << ": a second run gives other bytes";
        if (setting.name == "plain") plain = first;
        if (setting.name.ends_with(" threads") && setting.in_layout.empty() && is_without_sums(s.node)) {
            EXPECT_TRUE(equal_bytes(plain, first)) << where << ": other bytes than on two threads";
        }
        for (const auto& pair : made.kernel->in_place) {
            Setting in_place = setting;
            in_place.in_place = pair;
            if (pair.first == setting.unused || setting.strides != Strides::dense) continue;
            Ran ran;
            EXPECT_EQ(check(s, *made.kernel, in_place, ran), "")
                << where << ", output " << pair.first << " in place of input " << pair.second;
            EXPECT_TRUE(equal_bytes(first, ran)) << where << ": in place gives other bytes";
        }
    }
}

/// Operands of a node in f32, and what f64 makes of them.
Subject subject(const Problem& p, const Problem& wide, const std::vector<Tensor>& values, size_t n) {
    Subject s{p.graph, p.graph.nodes[n], {}, {}, p.tolerance};
    std::vector<Tensor> in;
    for (ValueId v : s.node.in) {
        s.in.push_back(converted(values[size_t(v)], p.graph.type(v).dtype));
        in.push_back(converted(s.in.back(), wide.graph.type(v).dtype));
    }
    s.want = evaluate_node(wide.graph, wide.graph.nodes[n], in);
    return s;
}

void expect_kernels_right(const Problem& p) {
    const Problem wide = retyped(p);
    const std::vector<Tensor> values = evaluate(wide.graph, wide.inputs);
    for (size_t n = 0; n < p.graph.nodes.size(); ++n) {
        const Subject s = subject(p, wide, values, n);
        for (const kernels::Row& row : rows_for(s.node)) expect_right(row, s);
        // The reference in f32 is a kernel like others: last in every list.
        for (const kernels::Row& row : kernels::registry("reference").rows(list_name(s.node))) expect_right(row, s);
        // A kernel that takes f64 is exact there.
        Subject exact{wide.graph, wide.graph.nodes[n], {}, {}, 1e-12};
        for (ValueId v : exact.node.in) exact.in.push_back(values[size_t(v)]);
        for (ValueId v : exact.node.out) exact.want.push_back(values[size_t(v)]);
        for (const kernels::Row& row : rows_for(exact.node)) expect_right(row, exact);
    }
}

/// "" when the kernel has a NaN wherever the reference has one.
std::string lost_nan(const Ran& ran, const std::vector<Tensor>& want) {
    for (size_t o = 0; o < want.size(); ++o)
        for (int64_t i = 0; i < want[o].size() && is_float(want[o].dtype()); ++i)
            if (std::isnan(element(want[o], i)) && !std::isnan(element(ran.out[o], i)))
                return "element " + std::to_string(i) + " of output " + std::to_string(o) + " is " +
                       std::to_string(element(ran.out[o], i)) + " and should be NaN";
    return "";
}

/// A NaN in the middle of each operand in turn: what a kernel makes of it must not look like a number where the
/// reference has none.
void expect_nan_kept(const Problem& p) {
    const std::vector<Tensor> values = evaluate(p.graph, p.inputs);
    for (const Node& node : p.graph.nodes) {
        // What a mask leaves out may leave out a NaN, too.
        if (node.op->name == "unary_dx" || list_name(node) == "fused/norm_dx") continue;
        for (size_t spoilt = 0; spoilt < node.in.size(); ++spoilt) {
            std::vector<Tensor> in;
            for (ValueId v : node.in) in.push_back(values[size_t(v)].clone());
            if (!is_float(in[spoilt].dtype()) || in[spoilt].size() == 0) continue;
            set_element(in[spoilt], in[spoilt].size() / 2, std::nan(""));
            const std::vector<Tensor> want = evaluate_node(p.graph, node, in);
            for (const kernels::Row& row : rows_for(node)) {
                // oneDNN's rectifiers make 0 of NaN; models with such weights are run without fusion (Inference).
                if (row.name.starts_with("cpu.onednn.fused_conv")) continue;
                const Made made = make_kernel(row, p.graph, node, in, {"plain"});
                if (!made.kernel) continue;
                EXPECT_EQ(lost_nan(run_kernel(*made.kernel, p.graph, node, in, {"plain"}), want), "")
                    << row.name << " of " << node.name << ", input " << spoilt;
            }
        }
    }
}

class Kernels : public ::testing::TestWithParam<const Case*> {};
TEST_P(Kernels, KeepNan) { expect_nan_kept(problem(*GetParam())); }
TEST_P(Kernels, EqualTheReference) { expect_kernels_right(problem(*GetParam())); }

/// No kernel computes with half types yet: each arithmetic row must see them and refuse.
TEST_P(Kernels, RefuseHalfTypes) {
    // what moves elements without computing
    static const std::set<std::string_view> moves{"reshape", "transpose",    "broadcast", "concat",   "slice", "pad",
                                                  "gather",  "update_slice", "dropout",   "constant", "select"};
    for (DType half : {DType::f16, DType::bf16}) {
        const Problem p = retyped(problem(*GetParam()), half);
        for (const Node& node : p.graph.nodes) {
            std::vector<Tensor> in;
            bool has_half = false;
            for (ValueId v : node.in) {
                in.emplace_back(p.graph.type(v).dtype, dims(p.graph.type(v).shape));
                has_half = has_half || in.back().dtype() == half;
            }
            for (ValueId v : node.out) has_half = has_half || p.graph.type(v).dtype == half;
            if (!has_half || moves.count(node.op->name)) continue;
            for (const kernels::Row& row : kernels::registry("cpu").rows(list_name(node)))
                EXPECT_EQ(make_kernel(row, p.graph, node, in, {"half"}).kernel, nullptr)
                    << row.name << " takes " << name(half) << " of " << node.name;
        }
    }
}

/// run() is const and keeps nothing: two executors share a kernel. Under the thread sanitizer this finds what they
/// share.
TEST_P(Kernels, RunTwiceAtOnce) {
    const Problem p = problem(*GetParam());
    const std::vector<Tensor> values = evaluate(p.graph, p.inputs);
    const Setting one_thread{"at once", {}, Strides::dense, false, -1, {-1, -1}, 1};
    for (const Node& node : p.graph.nodes) {
        std::vector<Tensor> in;
        for (ValueId v : node.in) in.push_back(values[size_t(v)]);
        for (const kernels::Row& row : rows_for(node)) {
            const Made made = make_kernel(row, p.graph, node, in, one_thread);
            if (!made.kernel) continue;
            Ran first, second;
            std::thread other([&] { second = run_kernel(*made.kernel, p.graph, node, in, one_thread); });
            first = run_kernel(*made.kernel, p.graph, node, in, one_thread);
            other.join();
            EXPECT_TRUE(equal_bytes(first, second)) << row.name << " of " << node.name;
        }
    }
}

class Fused : public ::testing::TestWithParam<const FusedCase*> {};
TEST_P(Fused, KeepsNan) { expect_nan_kept(problem(*GetParam())); }
TEST_P(Fused, EqualsItsBody) {
    const Problem p = problem(*GetParam());
    ASSERT_EQ(p.graph.nodes.size(), 1u) << "the fusion pass does not make one node of this body";
    ASSERT_EQ(list_name(p.graph.nodes[0]), "fused/" + GetParam()->pattern);
    expect_kernels_right(p);
}

template <class C>
std::vector<const C*> pointers(const std::vector<C>& cases) {
    std::vector<const C*> all;
    for (const C& c : cases) all.push_back(&c);
    return all;
}
auto case_name = [](const auto& info) { return test_name(info.param->name, info.index); };
INSTANTIATE_TEST_SUITE_P(Cases, Kernels, ::testing::ValuesIn(pointers(all_cases())), case_name);
INSTANTIATE_TEST_SUITE_P(Cases, Fused, ::testing::ValuesIn(pointers(fused_cases())), case_name);

} // namespace
} // namespace ds::testing
