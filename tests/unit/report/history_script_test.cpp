// Scripts from histories that somebody else may have written: what is run, what is quoted, which files are meant.
#include "report/history_script.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "io/history.h"

namespace ds::test {
namespace {

const std::string raw_a(64, 'a'), raw_b(64, 'b'), part_1(64, '1'), part_2(64, '2');

HistoryRecord record(const std::string& tool, std::vector<std::string> words, std::vector<HistoryInput> inputs) {
    HistoryRecord r;
    r.tool = tool;
    r.version = "0.1.0";
    r.arguments = std::move(words);
    r.inputs = std::move(inputs);
    return r;
}

/// An import and a training that reads it, with one thing changed.
std::vector<std::string> two_records(const std::function<void(HistoryRecord&, HistoryRecord&)>& change = {}) {
    HistoryRecord made = record("ds-data", {"import", "csv", "--target=y", "rows.csv"}, {{"rows.csv", raw_a, ""}});
    HistoryRecord trained = record("ds-train", {"--data=part.h5:train", "mlp"}, {{"part.h5:train", part_1, ""}});
    trained.model_file = {"mine.yaml", "layers: []\n"};
    trained.arguments[1] = "mine.yaml";
    if (change) change(made, trained);
    const std::string first = write_record(made);
    if (trained.inputs[0].made_by.empty()) trained.inputs[0].made_by = record_id(first);
    return {first, write_record(trained)};
}

std::string script(const std::vector<std::string>& history, const std::string& name = "m.h5") {
    return HistoryScript(history, name).text();
}

std::string refusal(const std::vector<std::string>& history) {
    try {
        script(history);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Exit::data);
        return error.what();
    }
    return "nothing was refused";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

} // namespace

TEST(HistoryScript, RunsTheCommandsWithTheirOutputs) {
    const std::string text = script(two_records());
    EXPECT_TRUE(has(text, "\nds-data import csv --target=y rows.csv -o part.h5\n")) << text;
    EXPECT_TRUE(has(text, "\ntext_file mine.yaml 'layers: []\n'\nds-train --data=part.h5:train mine.yaml -o m.h5\n"))
        << text;
    EXPECT_TRUE(has(text, "\n# " + raw_a + "  rows.csv\n")) << text;
    EXPECT_FALSE(has(text, part_1)) << "what the script makes is no raw input";
}

TEST(HistoryScript, OnlyToolsOfOurs) {
    for (const std::string tool :
         {"rm", "ds-train; touch owned #", "ds-train\ntouch owned", "", "ds-trainx", "./ds-train"})
        EXPECT_TRUE(has(refusal(two_records([&](auto&, auto& r) { r.tool = tool; })), "no tool of ds-tools")) << tool;
    EXPECT_TRUE(has(refusal(two_records([](auto&, auto& r) { r.tool = unknown_tool; })), "nobody knows what"));
}

TEST(HistoryScript, WordsStayInTheirQuotes) {
    const std::string text = script(
        two_records([](auto& made, auto&) { made.arguments[2] = "--target='; touch owned; '\n$(touch owned)"; }));
    EXPECT_TRUE(has(text, R"( '--target='\''; touch owned; '\'')")) << text;
}

TEST(HistoryScript, TheModelsNameStaysInItsComment) {
    const std::string text = script(two_records(), "a\ntouch owned\n#.h5");
    EXPECT_TRUE(has(text, "# Makes a\\ntouch owned\\n#.h5 again")) << text;
    EXPECT_TRUE(has(text, "-o 'a\ntouch owned\n#.h5'\n")) << text;
}

TEST(HistoryScript, NamesOfRawInputsStayInTheirComment) {
    const std::string text =
        script(two_records([](auto& made, auto&) { made.inputs[0].name = made.arguments[3] = "x\ntouch owned"; }));
    EXPECT_TRUE(has(text, raw_a + "  x\\ntouch owned\n")) << text;
    EXPECT_TRUE(has(text, " 'x\ntouch owned' -o part.h5")) << text;
}

TEST(HistoryScript, NoFileOutsideOfTheFolder) {
    for (const std::string name : {"../up.h5", "/etc/passwd", "..", "", "a/b"})
        EXPECT_NE(refusal(two_records([&](auto&, auto& r) { r.inputs[0].name = name; })), "nothing was refused")
            << name;
    for (const std::string word : {"--log=/etc/cron.d/x", "--best=../x", "--output=x", "-ox", "--log=a/../../x"})
        EXPECT_TRUE(has(refusal(two_records([&](auto&, auto& r) { r.arguments.push_back(word); })),
                        "no tool of ds-tools recorded"))
            << word;
    for (const std::string word : {"--log=Makefile", "--best=notes.h5", "--plot=a.png", "--depfile=deps", "--config=b"})
        EXPECT_TRUE(has(refusal(two_records([&](auto&, auto& r) { r.arguments.push_back(word); })),
                        "no tool of ds-tools recorded"))
            << word;
    for (const std::string word :
         {"--missing=N/A", "--delimiter=/", "--set=x=1/2", "--target=/price", "--categorical=a/../b,c", "--lr=-1"})
        EXPECT_NO_THROW(script(two_records([&](auto&, auto& r) { r.arguments.push_back(word); }))) << word;
}

TEST(HistoryScript, ADigestIsADigest) {
    EXPECT_TRUE(has(refusal(two_records([](auto& made, auto&) { made.inputs[0].digest = "a\ntouch owned"; })),
                    "which is none"));
}

TEST(HistoryScript, InputsOfOneNameAreKeptApart) {
    const std::vector<std::string> both = {
        write_record(record("ds-data", {"cat", "x.h5", "x.h5"}, {{"x.h5", raw_a, ""}, {"x.h5", raw_b, ""}}))};
    const std::string text = script(both);
    EXPECT_TRUE(has(text, "\nds-data cat aaaaaaaaaaaa/x.h5 bbbbbbbbbbbb/x.h5 -o m.h5\n")) << text;
    const HistoryScript apart(both, "m.h5");
    ASSERT_EQ(apart.raw_inputs().size(), 2u);
    EXPECT_EQ(apart.raw_inputs()[1].place, "bbbbbbbbbbbb/x.h5");
    EXPECT_EQ(apart.raw_inputs()[1].digest, raw_b);
}

TEST(HistoryScript, AnInputCalledAsTheOutputMakesWay) {
    const HistoryRecord tuned = record("ds-train", {"--data=d.h5", "m.h5"}, {{"m.h5", raw_a, ""}, {"d.h5", raw_b, ""}});
    EXPECT_TRUE(has(script({write_record(tuned)}), "\nds-train --data=d.h5 aaaaaaaaaaaa/m.h5 -o m.h5\n"));
}

// The record names the model first, the words name it last.
TEST(HistoryScript, ModelDataAndValidationOfOneNameFindTheirWords) {
    const std::string c(64, 'c');
    const HistoryRecord tuned = record("ds-train", {"--data=x.h5", "--val=x.h5", "x.h5"},
                                       {{"x.h5", raw_a, ""}, {"x.h5", raw_b, ""}, {"x.h5", c, ""}});
    EXPECT_TRUE(has(script({write_record(tuned)}),
                    "\nds-train --data=bbbbbbbbbbbb/x.h5 --val=cccccccccccc/x.h5 aaaaaaaaaaaa/x.h5 -o m.h5\n"));
}

TEST(HistoryScript, WhatIsRewrittenStaysInItsPlaceUnlessOthersReadIt) {
    const std::string import = write_record(record("ds-data", {"import", "npy", "x.npy"}, {{"x.npy", raw_a, ""}}));
    const std::string label = write_record(record("ds-data", {"label", "d.h5", "--names=n.txt"},
                                                  {{"d.h5", part_1, record_id(import)}, {"n.txt", raw_b, ""}}));
    const auto train = [&](const std::string& validation) {
        return write_record(record(
            "ds-train", {"--data=d.h5", "--val=" + validation, "mlp"},
            {{"d.h5", part_2, record_id(label)},
             {"d.h5", validation == "d.h5" ? part_1 : part_2, record_id(validation == "d.h5" ? import : label)}}));
    };
    const std::string alone =
        script({import, label,
                write_record(record("ds-train", {"--data=d.h5", "mlp"}, {{"d.h5", part_2, record_id(label)}}))});
    EXPECT_TRUE(has(alone, "x.npy -o d.h5\nds-data label d.h5 --names=n.txt\nds-train --data=d.h5 mlp -o m.h5\n"))
        << alone;
    const std::string both = script({import, label, train("d.h5")});
    EXPECT_TRUE(has(both, "cp 111111111111/d.h5 222222222222/d.h5\nds-data label 222222222222/d.h5 --names=n.txt\n"))
        << both;
    EXPECT_TRUE(has(both, "--data=222222222222/d.h5 --val=111111111111/d.h5")) << both;
}

TEST(HistoryScript, OneFileUnderTwoNamesIsCopied) {
    const std::string import = write_record(record("ds-data", {"import", "npy", "x.npy"}, {{"x.npy", raw_a, ""}}));
    const std::string train =
        write_record(record("ds-train", {"--data=d.h5", "--val=e.h5", "mlp"},
                            {{"d.h5", part_1, record_id(import)}, {"e.h5", part_1, record_id(import)}}));
    EXPECT_TRUE(has(script({import, train}), "x.npy -o d.h5\ncp d.h5 e.h5\n"));
}

TEST(HistoryScript, AModelFileThatWouldEndItsQuotesDoesNot) {
    const std::string text =
        script(two_records([](auto&, auto& r) { r.model_file.text = "about: 'x'\n# $(touch owned) `id`\n"; }));
    EXPECT_TRUE(has(text, R"(text_file mine.yaml 'about: '\''x'\''
# $(touch owned) `id`
')")) << text;
}

TEST(HistoryScript, ACircleOfRewritingsEnds) {
    HistoryRecord a = record("ds-data", {"label", "d.h5"}, {{"d.h5", part_1, ""}}),
                  b = record("ds-data", {"label", "d.h5"}, {{"d.h5", part_2, ""}});
    b.inputs[0].made_by = record_id(write_record(a));
    HistoryRecord c = record("ds-data", {"cat", "d.h5"}, {{"d.h5", part_1, record_id(write_record(b))}});
    EXPECT_NE(script({write_record(a), write_record(b), write_record(c)}), "");
}

TEST(HistoryScript, ModelFilesOfOneNameAreKeptApart) {
    const auto trained = [](const std::string& from, const std::string& text) {
        HistoryRecord r = record("ds-train", {"--data=d.h5", "mine.yaml"}, {{"d.h5", from, ""}});
        r.model_file = {"mine.yaml", text};
        return write_record(r);
    };
    const std::string text = script({trained(raw_a, "layers: [1]\n"), trained(raw_a, "layers: [2]\n")});
    const std::string one = record_id("layers: [1]\n").substr(0, 12), two = record_id("layers: [2]\n").substr(0, 12);
    EXPECT_TRUE(has(text, "ds-train --data=d.h5 " + one + "/mine.yaml -o")) << text;
    EXPECT_TRUE(has(text, "ds-train --data=d.h5 " + two + "/mine.yaml -o m.h5")) << text;
}

} // namespace ds::test
