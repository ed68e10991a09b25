// Passes: functions from Graph to Graph. Clean-up passes have a name, can be switched off by it
// (--no-pass=fuse) and the graph can be printed after them (--print-after=fuse). Passes that derive a graph
// (train_mode, autodiff, optimizer) have headers of their own and run through the same switchboard.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "graph/graph.h"
#include "state/state.h"

namespace ds {

struct PassOptions {
    std::set<std::string> off;         // names of passes not to run
    std::set<std::string> print_after; // names of passes to print after
    std::function<void(const std::string& heading, const Graph&)> print;
};

struct PassRow {
    std::string_view name;
    std::string_view doc;
};
/// Every pass that can be named, in the order they run.
std::span<const PassRow> all_passes();
/// Error(usage) listing the known names when one in `off` or `print_after` is unknown.
void check_pass_names(const PassOptions& options);

/// Runs one pass unless it is off; verifies after it in builds with assertions; prints when asked.
Graph run_pass(std::string_view name, Graph graph, const PassOptions& options, const std::function<Graph(Graph)>& pass);

/// The graph with only these outputs (and no writes): what inference runs. Error(data) for an unknown output.
Graph select_outputs(const Graph& graph, const std::vector<std::string>& outputs);

Graph remove_identities(Graph graph); // "identity": dropout at inference, identity, reshape to the same shape, +0, *1
Graph join_pieces(Graph graph);       // "join": a sum of padded pieces that cover a value is their concatenation
Graph fold_constants(Graph graph);    // "fold": nodes whose inputs are all constants, up to 4096 elements
Graph eliminate_common(Graph graph);  // "cse": equal op, attributes and inputs; respects effects
Graph eliminate_dead(Graph graph);    // "dce": nodes nobody reads; respects effects; unread inputs and slots go too
Graph fuse(Graph graph);              // "fuse": see ops/fused.h

/// "fold-bn": batch norms behind a convolution or linear layer are multiplied into its weights; inference only.
/// `layer` gets new slots `<weight>.folded`, derived from those there; it must be the caller's own.
Graph fold_batch_norm(Graph graph, State& layer);

/// For inference: identity, fold-bn (only when a layer is given), fold, cse, dce, fuse.
Graph optimise_for_inference(Graph graph, State* layer, const PassOptions& options);
/// For a training step: identity, join, fold, cse, dce, fuse.
Graph optimise_for_training(Graph graph, const PassOptions& options);

} // namespace ds
