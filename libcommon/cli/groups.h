// Options that several tools share: one name, one letter, one meaning, declared here and nowhere else.
// Each returns the Option, to be refined: data_option(tool, data).required().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/tool.h"
#include "data/picture/resize.h"
#include "exec/controls.h"
#include "infer/evaluator.h"

namespace ds::cli {

Option& data_option(Command& command, std::vector<std::string>& data); // -d, --data FILE[:SPLIT], several are one
Option& output_option(Command& command, std::string& output, std::string what,
                      bool may_be_stdout = true);                    // -o, --output FILE (what: "the model")
Option& json_option(Command& command, bool& json);                   // --json
Option& weights_option(Command& command, Weights& weights);          // --weights WHICH
Option& batch_option(Command& command, int64_t& batch);              // --batch N
Option& seed_option(Command& command, std::optional<int64_t>& seed); // --seed N
Option& resize_option(Command& command, ResizeRule& rule, const std::string& what); // --resize RULE; none: not given
Option& memory_option(Command& command, int64_t& memory);                           // --memory BYTES; 0: no limit

struct Seed {
    uint64_t value = 0;
    bool drawn = false;
};
/// The seed that was given; else one is drawn and recorded. tell_seed() says so when nothing is refused any more.
Seed settle_seed(Command& command, std::optional<int64_t>& seed);
void tell_seed(const Seed& seed);

/// How a graph becomes a plan and what of it is shown.
struct Compilation {
    std::vector<std::string> bind;            // --bind NAME=SIZE
    std::vector<std::string> off;             // --no-pass NAME
    std::vector<std::string> print_after;     // --print-after NAME
    bool explain = false;                     // --explain
    kernels::Math math = kernels::Math::fast; // --math HOW
    bool eager = false;                       // --eager
    bool check_numerics = false;              // --check-numerics
    bool profile = false;                     // --profile
};
void compilation_options(Command& command, Compilation& compilation);
/// The same as the library wants it; graphs and profiles are printed to stderr. Error(usage) for an unknown pass.
RunControls run_controls(const Compilation& compilation, int64_t memory);

} // namespace ds::cli
