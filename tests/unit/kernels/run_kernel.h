// Runs one node through one kernel directly, as the planner and executor would: operands in the layouts and strides
// that the kernel asks for, packed inputs, scratch. Memory is surrounded by guards, outputs and scratch start as
// garbage, and what a kernel must leave alone is compared afterwards.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/kernel.h"
#include "unit/kernels/memory.h"

namespace ds::testing {

/// How a kernel is asked and called.
struct Setting {
    std::string name;
    std::vector<Layout> in_layout = {}; // by input; empty: plain
    Strides strides = Strides::dense;
    bool constant = false;                // every input but the first is constant
    int unused = -1;                      // this output has no reader
    std::pair<int, int> in_place{-1, -1}; // output, input
    int threads = 2;
};

struct Made {
    std::unique_ptr<kernels::Kernel> kernel; // null: it refuses
    std::string why;
};

/// Asks a row for a kernel of this node.
Made make_kernel(const kernels::Row& row, const Graph& graph, const Node& node, const std::vector<Tensor>& in,
                 const Setting& setting);

struct Ran {
    std::vector<Tensor> out;         // plain; empty where unused
    std::vector<std::string> faults; // guards overwritten, inputs changed, tails of blocks not zero
};
/// Runs a kernel of make_kernel() for the same node, operands and setting.
Ran run_kernel(const kernels::Kernel& kernel, const Graph& graph, const Node& node, const std::vector<Tensor>& in,
               const Setting& setting);

/// The settings that mean something for a node: plain, channel blocks of 8 and 16, strides, unused outputs, threads.
std::vector<Setting> settings_for(const Graph& graph, const Node& node, const std::vector<Tensor>& in);

} // namespace ds::testing
