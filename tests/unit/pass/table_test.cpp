// What each pass makes of a small graph: tests/data/passes/NAME.before and NAME.after, written as graph text. And the
// switchboard: a pass runs under its own name only, and not when it is off.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "pass/derive/autodiff.h"
#include "pass/derive/optimizer.h"
#include "pass/derive/train_mode.h"
#include "pass/pass.h"
#include "unit/files.h"

namespace ds {
namespace {

std::string fixture(const std::string& name) {
    const std::string file = testing::read_file(testing::data_path("passes/" + name));
    return file.substr(file.find("graph \""));
}

Graph parsed(const std::string& name) { return parse_graph(fixture(name), name); }

Graph folded(Graph graph) {
    State state;
    initialise(graph, state, 1);
    return eliminate_dead(fold_batch_norm(std::move(graph), state));
}

Graph sgd_step(Graph graph) {
    OptimizerOptions options;
    options.momentum = 0.9;
    options.nesterov = true;
    options.weight_decay = 0.1;
    options.ema_decay = 0.99;
    return optimizer_step(differentiate(graph), options);
}

AccumulatedStep accumulated(const Graph& graph) { return accumulated_step(differentiate(graph), {}); }

struct Row {
    const char* name;
    std::function<Graph(Graph)> pass;
};

const Row table[] = {
    {"train_mode", [](const Graph& g) { return train_mode(g); }},
    {"train_mode_smooth", [](const Graph& g) { return train_mode(g, 0.1); }},
    {"autodiff", differentiate},
    {"optimizer_sgd", sgd_step},
    {"accumulate_micro", [](const Graph& g) { return accumulated(g).micro; }},
    {"accumulate_apply", [](const Graph& g) { return accumulated(g).apply; }},
    {"identity", remove_identities},
    {"join", [](Graph g) { return eliminate_dead(join_pieces(std::move(g))); }},
    {"fold_bn", folded},
    {"fold", [](Graph g) { return eliminate_dead(fold_constants(std::move(g))); }},
    {"cse", eliminate_common},
    {"dce", eliminate_dead},
    {"fuse_conv", fuse},
    {"fuse_norm", fuse},
    {"fuse_row_norm", fuse},
    {"fuse_chain", fuse},
};

class PassTable : public ::testing::TestWithParam<Row> {};

TEST_P(PassTable, MakesOfBeforeWhatAfterSays) {
    const std::string name = GetParam().name;
    const Graph made = GetParam().pass(parsed(name + ".before"));
    verify(made, name);
    EXPECT_EQ(text(made), fixture(name + ".after"));
}

INSTANTIATE_TEST_SUITE_P(Passes, PassTable, ::testing::ValuesIn(table),
                         [](const auto& row) { return std::string(row.param.name); });

// ---- the switchboard --------------------------------------------------------------------------------

/// Every pass that may be off, but for `kept`.
PassOptions all_off_but(const std::string& kept = "") {
    PassOptions options;
    for (const PassRow& row : all_passes())
        if (row.name != kept && row.name != "train-mode" && row.name != "autodiff" && row.name != "optimizer")
            options.off.insert(std::string(row.name));
    return options;
}

TEST(PassSwitches, APassRunsUnderItsNameAloneAndIsOffWhenItIsOff) {
    const std::map<std::string, std::string> before{{"identity", "identity"}, {"cse", "cse"},   {"dce", "dce"},
                                                    {"fuse", "fuse_conv"},    {"fold", "fold"}, {"join", "join"},
                                                    {"fold-bn", "fold_bn"}};
    for (const auto& row : before) {
        const std::string pass = row.first, file = row.second; // clang 14 captures no structured bindings
        const std::string written = fixture(file + ".before");
        for (const bool trains : {true, false}) {
            if (pass == (trains ? "fold-bn" : "join")) continue;
            auto run = [&](const PassOptions& options) {
                const Graph graph = parse_graph(written, file);
                State state;
                if (pass == "fold-bn") initialise(graph, state, 1);
                State* with = pass == "fold-bn" ? &state : nullptr;
                return text(trains ? optimise_for_training(graph, options)
                                   : optimise_for_inference(graph, with, options));
            };
            EXPECT_EQ(run(all_off_but()), written) << pass;
            EXPECT_NE(run(all_off_but(pass)), written) << pass;
        }
    }
}

TEST(PassSwitches, AnUnknownOrNeededNameIsRefusedWithTheKnownOnes) {
    auto refusal = [](const PassOptions& options) -> std::string {
        try {
            check_pass_names(options);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Exit::usage);
            return error.what();
        }
        return "";
    };
    PassOptions options;
    options.off = {"fuze"};
    EXPECT_THAT(refusal(options),
                ::testing::HasSubstr("no pass 'fuze' can be switched off; there are: identity, join"));
    options.off = {"autodiff"};
    EXPECT_THAT(refusal(options), ::testing::HasSubstr("no pass 'autodiff' can be switched off"));
    options.off = {"fuse"};
    options.print_after = {"autodif"};
    EXPECT_THAT(refusal(options),
                ::testing::HasSubstr("no pass 'autodif' can be printed; there are: train-mode, autodiff"));
    options.print_after = {"autodiff", "fuse"};
    EXPECT_EQ(refusal(options), "");
}

TEST(PassSwitches, AGraphIsPrintedAfterThePassesThatAreNamed) {
    PassOptions options;
    options.print_after = {"cse", "fuse"};
    std::vector<std::string> headings;
    options.print = [&](const std::string& heading, const Graph& graph) {
        headings.push_back(heading);
        verify(graph, heading);
    };
    optimise_for_training(parsed("cse.before"), options);
    EXPECT_THAT(headings, ::testing::ElementsAre("after cse", "after fuse"));
}

// ---- what cannot be derived -------------------------------------------------------------------------

TEST(PassErrors, WhatCannotBeDifferentiatedIsNamed) {
    auto refusal = [](const std::string& lines) -> std::string {
        try {
            differentiate(parse_graph("graph \"g\" {\n" + lines + "}\n", "test"));
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(refusal("input x: f32[]\noutput y = x\n"), ::testing::HasSubstr("graph 'g' has no objective"));
    const std::string through_update = "slot w: f32[4] kind=parameter init=zeros\ninput a: bool[]\n%0 = ema_update(w, "
                                       "w, a) decay=0.5 : f32[4] \"average\"\n"
                                       "%1 = reduce(%0) kind=sum axes=[] keep=false : f32[] \"sum\"\noutput loss = %1 "
                                       "objective=true\noutput loss.count = %1\n";
    EXPECT_THAT(refusal(through_update), ::testing::HasSubstr("node 'average': ema_update has no gradient"));
}

TEST(PassErrors, AnObjectiveThatReachesNoParameterIsRefused) {
    const Graph graph = parse_graph(
        "graph \"g\" {\ninput x: f32[]\noutput loss = x objective=true\noutput loss.count = x\n}\n", "test");
    EXPECT_THROW(optimizer_step(differentiate(graph), {}), Error);
}

} // namespace
} // namespace ds
