// Networks written down by hand: they parse, print back as they stand, and what is derived from them is what was
// written down. They pin the text format and the op set.
#include <gtest/gtest.h>

#include <cstring>

#include "exec/executor.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "pass/derive/autodiff.h"
#include "pass/derive/optimizer.h"
#include "pass/derive/train_mode.h"
#include "pass/pass.h"
#include "unit/files.h"

namespace ds {
namespace {

/// A fixture without the comment that it opens with.
std::string fixture(const std::string& name) {
    const std::string file = testing::read_file(testing::data_path("graphs/" + name + ".graph"));
    return file.substr(file.find("graph \""));
}

Graph parsed(const std::string& name) { return parse_graph(fixture(name), name); }

class GraphFixture : public ::testing::TestWithParam<const char*> {};

TEST_P(GraphFixture, PrintsBackAsItWasWritten) {
    const std::string written = fixture(GetParam());
    EXPECT_EQ(text(parse_graph(written, GetParam())), written);
}

INSTANTIATE_TEST_SUITE_P(Written, GraphFixture,
                         ::testing::Values("residual_cnn", "causal_transformer_block", "two_input_ranking",
                                           "two_input_ranking_step", "decoding_step"));

TEST(GraphFixtures, TheTrainingStepIsWhatThePassesMake) {
    OptimizerOptions options;
    options.kind = OptimizerKind::adamw;
    options.weight_decay = 0.01;
    options.clip = 1;
    const Graph made = optimizer_step(differentiate(train_mode(parsed("two_input_ranking"))), options);
    EXPECT_EQ(text(made), fixture("two_input_ranking_step"));
}

// Columns of data name inputs, and people name columns.
TEST(GraphFixtures, NamesThatAreNoWordsStandInQuotes) {
    Graph graph;
    graph.name = "a \"name\"";
    const Type type{DType::f32, {4}};
    const ValueId x = graph.add_input("unit price", type), y = graph.add_input("%0", type);
    graph.add_output("growth % \\", x);
    graph.add_output("Größe", y);
    const std::string written = text(graph);
    EXPECT_EQ(written, "graph \"a \\\"name\\\"\" {\n  input \"unit price\": f32[4]\n  input \"%0\": f32[4]\n"
                       "  output \"growth % \\\\\" = \"unit price\"\n  output \"Größe\" = \"%0\"\n}\n");
    EXPECT_EQ(text(parse_graph(written, "written")), written);
}

/// The logits of one run as numbers.
std::vector<float> logits(Executor& executor) {
    executor.run();
    const TensorView view = executor.output("logits");
    return {view.as<float>(), view.as<float>() + view.size()};
}

TEST(GraphFixtures, DecodingWithACacheGivesTheLogitsOfTheWholeContext) {
    constexpr int64_t batch = 2, length = 9;
    const Graph whole = select_outputs(parsed("causal_transformer_block"), {"logits"});
    const Graph step = parsed("decoding_step");
    for (const char* device : {"reference", "cpu"}) {
        PlanOptions options;
        options.device = device;
        const auto state = std::make_shared<State>();
        initialise(bind(step, {{"N", batch}}), *state, 3);
        Executor all(make_plan(whole, {{"N", batch}, {"T", length}}, options), state);
        Executor one(make_plan(step, {{"N", batch}}, options), state);
        std::vector<int32_t> tokens;
        for (int32_t i = 0; i < batch * length; ++i) tokens.push_back(i * 7 % 32);
        std::memcpy(all.input("tokens").data, tokens.data(), tokens.size() * sizeof(int32_t));
        const std::vector<float> expected = logits(all);
        for (int64_t t = 0; t < length; ++t) {
            for (int64_t n = 0; n < batch; ++n) one.input("token").as<int32_t>()[n] = tokens[size_t(n * length + t)];
            *one.input("position").as<int64_t>() = t;
            const std::vector<float> made = logits(one);
            for (int64_t n = 0; n < batch; ++n)
                for (int64_t k = 0; k < 32; ++k)
                    ASSERT_NEAR(made[size_t(n * 32 + k)], expected[size_t((n * length + t) * 32 + k)], 1e-5)
                        << device << ", token " << t;
        }
    }
}

// A cache is written where it lies: a step moves one token, not the whole context.
TEST(GraphFixtures, ACacheIsUpdatedInPlace) {
    const auto plan = make_plan(parsed("decoding_step"), {{"N", 2}});
    for (const Step& step : plan->steps) {
        EXPECT_NE(step.op, "copy") << text(*plan);
        if (step.op != "update_slice") continue;
        EXPECT_EQ(step.out[0].place.where, Where::slot);
        EXPECT_EQ(step.out[0].place.index, step.in[0].place.index);
    }
}

} // namespace
} // namespace ds
