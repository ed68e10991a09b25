// The shared options.
#include "cli/groups.h"

#include <charconv>
#include <random>

#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "graph/text.h"

namespace ds::cli {

Option& data_option(Command& command, std::vector<std::string>& data) {
    return command
        .option("-d,--data", data, "FILE[:SPLIT]",
                "data file, or one split of it; several, or 'PATTERN' of their names, are one data set")
        .files()
        .patterns();
}

Option& output_option(Command& command, std::string& output, std::string what, bool may_be_stdout) {
    const std::string help = "where " + what + (may_be_stdout ? " goes; - is stdout" : " goes");
    return command.option("-o,--output", output, "FILE", help).files().not_recorded();
}

Option& json_option(Command& command, bool& json) {
    return command.flag("--json", json, "print one JSON document (its schema is in the man page)").not_recorded();
}

Option& weights_option(Command& command, Weights& weights) {
    return command.choice<Weights>(
        "--weights", weights, "WHICH", "those of the last step, or their average (ds-train --ema); auto: as validated",
        {{"auto", Weights::as_measured}, {"trained", Weights::trained}, {"averaged", Weights::averaged}});
}

Option& batch_option(Command& command, int64_t& batch) {
    return command.option("--batch", batch, "N", "samples that are computed at a time").range(1, 1 << 24);
}

Option& seed_option(Command& command, std::optional<int64_t>& seed) {
    return command.option("--seed", seed, "N", "seed of all random numbers")
        .range(0, 9e18)
        .initially("drawn and printed");
}

Option& resize_option(Command& command, ResizeRule& rule, const std::string& what) {
    return command.choice("--resize", rule, "RULE",
                          what + ": stretch; fit with the background beside it; fill by cutting to its middle",
                          {{"stretch", ResizeRule::stretch}, {"fit", ResizeRule::fit}, {"fill", ResizeRule::fill}});
}

Option& memory_option(Command& command, int64_t& memory) {
    return command
        .option("--memory", memory, "BYTES",
                "refuse to start when more memory would be needed, such as 2GiB, beside the program itself")
        .bytes()
        .initially("no limit")
        .not_recorded();
}

Seed settle_seed(Command& command, std::optional<int64_t>& seed) {
    const bool drawn = !seed;
    if (drawn) {
        std::random_device device;
        command.decide("seed", std::to_string((uint64_t(device()) << 16 ^ device()) & ((uint64_t{1} << 48) - 1)));
    }
    return {uint64_t(*seed), drawn};
}

void tell_seed(const Seed& seed) {
    if (seed.drawn) log::info(fmt::format("seed {}", seed.value));
}

void compilation_options(Command& command, Compilation& compilation) {
    command.group("Compilation");
    command.option("--bind", compilation.bind, "NAME=SIZE", "a size that the model leaves open and the data do not say")
        .pairs();
    command.option("--no-pass", compilation.off, "NAME", "leave out an optimisation pass");
    command.option("--print-after", compilation.print_after, "NAME", "print the graph to stderr after this pass")
        .not_recorded();
    command.flag("--explain", compilation.explain, "say which kernel each node got, and why those before it refused")
        .not_recorded();
    command.choice("--math", compilation.math, "HOW", "whether kernels may trade accuracy for speed",
                   {{"fast", kernels::Math::fast}, {"strict", kernels::Math::strict}});
    command.flag("--eager", compilation.eager, "run node by node, without optimisation passes");
    command
        .flag("--check-numerics", compilation.check_numerics, "stop at the first node that makes a NaN or an infinity")
        .not_recorded();
    command.flag("--profile", compilation.profile, "say at the end where the time went, by kernel and by node")
        .not_recorded();
}

namespace {

/// "H=64".
void add_size(const std::string& word, Binding& sizes) {
    const size_t equals = word.find('=');
    const std::string symbol = word.substr(0, equals), size = word.substr(equals + 1);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), value);
    if (error != std::errc() || end != size.data() + size.size() || value < 1)
        fail(Exit::usage, "--bind {}: '{}' is no size; give a whole number from 1 on", word, size);
    if (!sizes.emplace(symbol, value).second) fail(Exit::usage, "--bind {} is given twice", symbol);
}

} // namespace

RunControls run_controls(const Compilation& compilation, int64_t memory) {
    RunControls controls;
    for (const std::string& word : compilation.bind) add_size(word, controls.sizes);
    controls.check_numerics = compilation.check_numerics;
    controls.passes.off.insert(compilation.off.begin(), compilation.off.end());
    controls.passes.print_after.insert(compilation.print_after.begin(), compilation.print_after.end());
    controls.passes.print = [](const std::string& heading, const Graph& graph) {
        log::page("# " + heading + "\n" + text(graph));
    };
    if (compilation.profile) controls.profile = [](const std::string& table) { log::page(table); };
    check_pass_names(controls.passes);
    if (compilation.eager) controls.run_eagerly();
    controls.plan.memory_limit = memory;
    controls.plan.math = compilation.math;
    return controls;
}

} // namespace ds::cli
