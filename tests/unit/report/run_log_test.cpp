// Logs of runs read back, and models compared.
#include "report/run_log.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/history.h"
#include "report/model_compare.h"

namespace ds::test {
namespace {

std::string refusal(const std::string& text) {
    try {
        parse_run_log(text, "x.jsonl");
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data);
        return error.what();
    }
    return "nothing was refused";
}

NamedCheckpoint model(const std::string& name, const std::string& options, const std::string& metrics) {
    HistoryRecord r;
    r.tool = "ds-train";
    r.options_json = options;
    r.metrics_json = metrics;
    NamedCheckpoint m{name, {}};
    m.checkpoint.graph_text = "graph \"g\" {\n}\n";
    m.checkpoint.history = {write_record(r)};
    return m;
}

} // namespace

TEST(RunLog, StepsAndValidationsStandWhereTheyWereMeasured) {
    const RunLog log = parse_run_log("{\"step\":1,\"epoch\":0,\"loss\":2.5,\"seconds\":0.5,\"samples\":10}\n"
                                     "{\"step\":2,\"epoch\":1,\"loss\":1.5,\"seconds\":0.25,\"samples\":10}\n"
                                     "{\"step\":2,\"val_auc\":0.75,\"best\":true,\"decided_by\":\"auc\"}\n"
                                     "{\"end\":\"done\",\"samples_per_second\":3}\n",
                                     "x");
    ASSERT_EQ(log.series.at("loss").size(), 2u);
    EXPECT_EQ(log.series.at("loss")[1].value, 1.5);
    EXPECT_EQ(log.series.at("val_auc")[0].at.seconds, 0.75);
    EXPECT_EQ(log.series.at("val_auc")[0].at.samples, 20);
    EXPECT_EQ(log.series.at("val_auc")[0].at.epoch, 1);
    EXPECT_EQ(log.decided_by, "val_auc");
    EXPECT_EQ(log.series.count("best") + log.series.count("samples_per_second") + log.series.count("step"), 0u);
}

TEST(RunLog, ACutLastLineAndNullAreLeftOut) {
    EXPECT_EQ(
        parse_run_log("{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":null}\n{\"ste", "x").series.at("loss").size(), 1u);
    EXPECT_EQ(parse_run_log("{\"step\":1,\"loss\":1}\r\n\n{\"step\":2,\"loss\":3}", "x").series.at("loss").size(), 2u);
}

TEST(RunLog, WhatIsNoLogIsRefusedWithItsLine) {
    EXPECT_NE(refusal("{\"step\":1,\"loss\":1}\n{\"loss\":1}\n{\"step\":1}\n").find("line 2"), std::string::npos);
    EXPECT_NE(refusal("{\"step\":\"one\"}\n").find("line 1"), std::string::npos);
    EXPECT_NE(refusal("[1]\n").find("line 1"), std::string::npos);
    EXPECT_NE(refusal("").find("no step"), std::string::npos);
    EXPECT_NE(refusal("{\"end\":\"done\"}\n").find("no step"), std::string::npos);
}

TEST(ModelCompare, OnlyWhatDiffersIsAColumn) {
    const ModelTable table = compare_models(
        {model("a", R"({"lr":0.1,"seed":1,"set":["width=8","depth=2"]})", R"({"val_loss":0.5,"val_top1":1})"),
         model("b", R"({"lr":0.2,"seed":1,"set":["width=8","depth=3"],"flip":true})",
               R"({"val_loss":0.25,"val_top1":1})")});
    ASSERT_EQ(table.columns.size(), 4u);
    EXPECT_EQ(table_csv(table), "model,set.depth,lr,flip,val_loss\na,2,0.1,\"\",0.5\nb,3,0.2,true,0.25\n");
    EXPECT_EQ(table_text(table), "model  set.depth  lr   flip  val_loss\n"
                                 "a      2          0.1  -     0.5000\n"
                                 "b      3          0.2  true  0.2500\n");
    EXPECT_EQ(table_json(table).at(1).at("metrics").dump(), R"({"val_loss":0.25})");
    EXPECT_TRUE(table_json(table).at(0).at("options").at("flip").is_null());
}

TEST(ModelCompare, MetricsOfAChangeByNobodyKnowsWhatAreNone) {
    NamedCheckpoint changed = model("b", R"({"lr":0.1})", R"({"val_loss":0.5})");
    HistoryRecord r;
    r.tool = unknown_tool;
    r.options_json = R"({"before":"","after":"x"})";
    changed.checkpoint.history.push_back(write_record(r));
    const ModelTable table = compare_models({model("a", R"({"lr":0.1})", R"({"val_loss":0.5})"), changed});
    EXPECT_EQ(table_csv(table), "model,val_loss\na,0.5\nb,\"\"\n");
}

TEST(ModelCompare, NamesAndValuesStayInTheirCells) {
    const ModelTable table =
        compare_models({model("a\nb", R"({"x":"1,\"2\"\n"})", "{}"), model("c", R"({"x":"\u001b[2J"})", "{}")});
    EXPECT_EQ(table_text(table), "model  x\na\\nb   1,\"2\"\\n\nc      \\u001b[2J\n");
    EXPECT_TRUE(table_csv(table).starts_with("model,x\n\"a\nb\",\"1,\"\"2\"\"\n\"\nc,"));
}

} // namespace ds::test
