#include "io/history.h"

#include "tests/unit/io/fixture.h"

namespace ds::test {

namespace {

HistoryRecord sample() {
    HistoryRecord r;
    r.tool = "ds-train";
    r.version = "0.1.0";
    r.arguments = {"fashion-cnn", "-d", "part.h5:train"};
    r.options_json = R"({"epochs":4,"lr":0.1})";
    r.seed = 18446744073709551615ull;
    r.inputs = {{"part.h5", std::string(64, 'a'), std::string(64, 'b')}, {"raw.gz", std::string(64, 'c'), ""}};
    r.metrics_json = R"({"top1":0.93})";
    return r;
}

} // namespace

TEST(History, ARecordComesBack) {
    const HistoryRecord back = parse_record(write_record(sample()));
    EXPECT_EQ(write_record(back), write_record(sample()));
    EXPECT_EQ(back.seed, sample().seed);
    EXPECT_EQ(back.arguments, sample().arguments);
    EXPECT_EQ(back.inputs[0].made_by, std::string(64, 'b'));
    EXPECT_EQ(back.inputs[1].made_by, "");
    EXPECT_EQ(back.metrics_json, sample().metrics_json);
}

TEST(History, ASmallSeedIsANumberAndNoneIsNone) {
    HistoryRecord r = sample();
    r.seed = 7;
    EXPECT_NE(write_record(r).find(R"("seed":7)"), std::string::npos);
    EXPECT_EQ(parse_record(write_record(r)).seed, 7u);
    r.seed.reset();
    EXPECT_EQ(parse_record(write_record(r)).seed, std::nullopt);
}

TEST(History, WhatIsNotARecordIsRefused) {
    for (const std::string text : {"", "[]", "{}", R"({"tool":3})", R"({"tool":"x","version":"1","arguments":[1]})"})
        error_of(Exit::data, [&] { parse_record(text); });
    std::string negative = write_record(sample());
    negative.replace(negative.find("\"18446744073709551615\""), 22, "-1");
    error_of(Exit::data, [&] { parse_record(negative); });
}

TEST(History, ChainsMergeOnceAndInOrder) {
    const std::vector<std::string> merged = merge_history({{"import", "split"}, {"import", "label"}, {}});
    EXPECT_EQ(merged, (std::vector<std::string>{"import", "split", "label"}));
    EXPECT_EQ(maker(merged), record_id("label"));
    EXPECT_EQ(maker({}), "");
}

} // namespace ds::test
