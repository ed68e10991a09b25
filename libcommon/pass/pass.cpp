#include "pass/pass.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "graph/verify.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

constexpr std::array<PassRow, 10> rows{{
    {"train-mode", "batch statistics and dropout for training"},
    {"autodiff", "gradients of the objective"},
    {"optimizer", "updates of the parameters"},
    {"identity", "removes what changes nothing"},
    {"join", "concatenates pieces that were padded and summed (training)"},
    {"fold-bn", "multiplies batch norms into the weights before them (inference)"},
    {"fold", "computes what is constant"},
    {"cse", "computes equal things once"},
    {"dce", "removes what nobody reads"},
    {"fuse", "joins nodes that one kernel can run"},
}};

/// Passes without which there is no training step.
bool is_essential(std::string_view name) { return name == "train-mode" || name == "autodiff" || name == "optimizer"; }

void check_one(const std::string& name, bool off) {
    const auto known = std::find_if(rows.begin(), rows.end(), [&](const PassRow& row) { return row.name == name; });
    if (known != rows.end() && !(off && is_essential(name))) return;
    std::string list;
    for (const PassRow& row : rows)
        if (!(off && is_essential(row.name))) list += (list.empty() ? "" : ", ") + std::string(row.name);
    fail(Exit::usage, "no pass '{}' can be {}; there are: {}", name, off ? "switched off" : "printed", list);
}

} // namespace

std::span<const PassRow> all_passes() { return rows; }

void check_pass_names(const PassOptions& options) {
    for (const std::string& name : options.off) check_one(name, true);
    for (const std::string& name : options.print_after) check_one(name, false);
}

Graph run_pass(std::string_view name, Graph graph, const PassOptions& options,
               const std::function<Graph(Graph)>& pass) {
    const std::string key(name);
    if (!options.off.count(key)) {
        graph = pass(std::move(graph));
#ifndef NDEBUG
        verify(graph, "after pass '" + key + "'");
#endif
    }
    if (options.print && options.print_after.count(key)) options.print("after " + key, graph);
    return graph;
}

Graph select_outputs(const Graph& graph, const std::vector<std::string>& outputs) {
    Graph selected = graph;
    selected.writes.clear();
    selected.gradients.clear();
    selected.outputs.clear();
    for (const std::string& name : outputs) {
        const Output* output = graph.find_output(name);
        if (!output) fail(Exit::data, "graph '{}' has no output '{}'", graph.name, name);
        selected.outputs.push_back(*output);
    }
    return eliminate_dead(std::move(selected));
}

Graph optimise_for_inference(Graph graph, State* layer, const PassOptions& options) {
    graph = run_pass("identity", std::move(graph), options, remove_identities);
    if (layer)
        graph = run_pass("fold-bn", std::move(graph), options,
                         [&](Graph g) { return fold_batch_norm(std::move(g), *layer); });
    graph = run_pass("fold", std::move(graph), options, fold_constants);
    graph = run_pass("cse", std::move(graph), options, eliminate_common);
    graph = run_pass("dce", std::move(graph), options, eliminate_dead);
    return run_pass("fuse", std::move(graph), options, fuse);
}

Graph optimise_for_training(Graph graph, const PassOptions& options) {
    graph = run_pass("identity", std::move(graph), options, remove_identities);
    graph = run_pass("join", std::move(graph), options, join_pieces);
    graph = run_pass("fold", std::move(graph), options, fold_constants);
    graph = run_pass("cse", std::move(graph), options, eliminate_common);
    graph = run_pass("dce", std::move(graph), options, eliminate_dead);
    return run_pass("fuse", std::move(graph), options, fuse);
}

} // namespace ds
