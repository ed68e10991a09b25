// Nothing is left out: each op has its four places (list, doc, reference kernel, case), each kernel of the CPU is
// entered for an op that exists and takes at least one case.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "ops/fused.h"
#include "unit/kernels/case.h"
#include "unit/kernels/run_kernel.h"

namespace ds::testing {
namespace {

/// Calls visit(graph, node, operands) for every node of every case.
template <class F>
void each_node(const F& visit) {
    auto nodes = [&](const Problem& p) {
        const std::vector<Tensor> values = evaluate(p.graph, p.inputs);
        for (const Node& node : p.graph.nodes) {
            std::vector<Tensor> in;
            for (ValueId v : node.in) in.push_back(values[size_t(v)]);
            visit(p.graph, node, in);
        }
    };
    for (const Case& c : all_cases()) nodes(problem(c));
    for (const FusedCase& c : fused_cases()) nodes(problem(c));
}

TEST(Coverage, EveryOpHasItsPlaces) {
    std::set<std::string_view> covered;
    each_node([&](const Graph&, const Node& node, const auto&) { covered.insert(node.op->name); });
    for (const OpRow* row : all_ops()) {
        EXPECT_FALSE(row->doc.empty()) << row->name << " has no doc in its row";
        EXPECT_NE(row->infer, nullptr) << row->name << " has no shape rule in its row";
        EXPECT_NE(row->default_attrs, nullptr) << row->name << " has no attributes in its row (NoAttrs at least)";
        EXPECT_TRUE(covered.count(row->name)) << row->name << " has no row in tests/unit/kernels/cases_*.cpp";
        if (row->name == "fused") continue; // its body is its reference
        EXPECT_FALSE(kernels::registry("reference").rows(row->name).empty())
            << row->name << " has no kernel in kernels/reference";
    }
}

TEST(Coverage, CasesHaveNamesOfTheirOwn) {
    std::set<std::string> names;
    for (const Case& c : all_cases()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
    for (const FusedCase& c : fused_cases()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
}

TEST(Coverage, EveryKernelTakesACase) {
    std::set<std::string> taken, known;
    each_node([&](const Graph& graph, const Node& node, const std::vector<Tensor>& in) {
        const std::string list =
            node.op->name == "fused" ? "fused/" + node.as<FusedAttrs>().pattern : std::string(node.op->name);
        for (const kernels::Row& row : kernels::registry("cpu").rows(list)) {
            known.insert(std::string(row.name));
            // A kernel may be for other machines; DS_ISA=avx2 brings those of small ones here.
            const Made made = make_kernel(row, graph, node, in, {"plain"});
            if (made.kernel || made.why.find("AVX") != std::string::npos) taken.insert(std::string(row.name));
        }
    });
    for (const std::string& name : known)
        EXPECT_TRUE(taken.count(name)) << name << " takes no case: add one that it takes";
}

} // namespace
} // namespace ds::testing
