// The digest of what a file says: the same whatever way it lies there, another one for every change of any part; and
// what stands on it: signatures, and the record of a change by nobody knows what.
#include "io/checkpoint/reseal.h"
#include "io/checkpoint/signature.h"
#include "io/history.h"
#include "tests/unit/io/fixture.h"

namespace ds::test {
namespace {

constexpr const char* key_pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n-----END PRIVATE "
    "KEY-----\n";

/// A checkpoint in which every part is there.
Checkpoint full() {
    Checkpoint c = small_checkpoint();
    c.attributes["task"] = "classification";
    c.labels = {"a", "b\nlabel \"c\""};
    c.preprocessing_json = "{\"x\":1}";
    c.tokenizer_json = "{\"y\":1}";
    c.run_state_json = "{\"z\":1}";
    HistoryRecord r;
    r.tool = "ds-train";
    c.history = {write_record(r)};
    if (c.state.empty()) {
        c.state.push_back(c.parameters[0]);
        c.state.back().name = "moment1/" + c.parameters[0].name;
    }
    return c;
}

} // namespace

TEST(Content, IsWhatTheFileStatesAndWhatIsReadBack) {
    const Folder scratch;
    const std::string path = scratch / "c.h5";
    save_checkpoint(full(), path);
    const Checkpoint back = load_checkpoint(path);
    EXPECT_EQ(back.content, to_hex(content_digest(back)));
    EXPECT_EQ(back.content, to_hex(content_digest(full())));
    LoadOptions description;
    description.payload = false;
    EXPECT_EQ(to_hex(content_digest(load_checkpoint(path, description))), back.content);
}

TEST(Content, EveryPartCounts) {
    const std::vector<std::function<void(Checkpoint&)>> changes = {
        [](Checkpoint& c) { c.kind = "other"; },
        [](Checkpoint& c) { c.attributes["task"] = "text"; },
        [](Checkpoint& c) { c.attributes["more"] = ""; },
        [](Checkpoint& c) { c.graph_text += "# x\n"; },
        [](Checkpoint& c) { c.labels.pop_back(); },
        [](Checkpoint& c) {
            c.labels = {"a", "b", "c"};
        }, // a line break in a label is no other label
        [](Checkpoint& c) { std::swap(c.labels[0], c.labels[1]); },
        [](Checkpoint& c) { c.preprocessing_json += " "; },
        [](Checkpoint& c) { std::swap(c.preprocessing_json, c.tokenizer_json); },
        [](Checkpoint& c) { c.run_state_json.clear(); },
        [](Checkpoint& c) { c.history.push_back(c.history[0]); },
        [](Checkpoint& c) { c.history.clear(); },
        [](Checkpoint& c) { c.parameters[0].name += "x"; },
        [](Checkpoint& c) { c.parameters[0].attributes["kind"] = "statistic2"; },
        [](Checkpoint& c) { c.parameters[0].tensor = Tensor(DType::f32, c.parameters[0].tensor.shape()); },
        [](Checkpoint& c) { c.state.pop_back(); },
        [](Checkpoint& c) { std::swap(c.parameters, c.state); },
    };
    const Digest before = content_digest(full());
    for (size_t i = 0; i < changes.size(); ++i) {
        Checkpoint c = full();
        changes[i](c);
        EXPECT_NE(content_digest(c), before) << "change " << i;
    }
}

TEST(Content, TheOrderOfTensorsDoesNotCount) {
    Checkpoint c = full();
    std::reverse(c.parameters.begin(), c.parameters.end());
    EXPECT_EQ(content_digest(c), content_digest(full()));
}

TEST(Signing, HoldsForTheContentAndIsNoPartOfIt) {
    const Folder scratch;
    Checkpoint c = full();
    const SigningKey key(key_pem, "key");
    sign(c, key);
    sign(c, key); // once is enough
    ASSERT_EQ(c.signatures.size(), 1u);
    EXPECT_EQ(content_digest(c), content_digest(full()));
    save_checkpoint(c, scratch / "s.h5");
    const std::vector<Signed> back = signatures_of(load_checkpoint(scratch / "s.h5"));
    ASSERT_EQ(back.size(), 1u);
    EXPECT_TRUE(back[0].holds);
    EXPECT_EQ(back[0].key, key.public_key());
    c.labels[0] = "other";
    EXPECT_FALSE(signatures_of(c)[0].holds);
}

TEST(Signing, WhatIsNoSignatureIsRefused) {
    Checkpoint c = full();
    sign(c, SigningKey(key_pem, "key"));
    const std::string good = c.signatures[0];
    std::string other_algorithm = good, short_key = good, no_hex = good;
    other_algorithm.replace(other_algorithm.find("ed25519"), 7, "rsa2048");
    short_key.erase(short_key.find("3d4017"), 2);
    no_hex.replace(no_hex.find("3d4017"), 2, "+1");
    for (const std::string& text : {std::string("{}"), std::string("no JSON"), other_algorithm, short_key, no_hex}) {
        c.signatures = {text};
        error_of(Exit::data, [&] { signatures_of(c); });
    }
}

TEST(Reseal, TheSameContentIsNoChange) {
    Checkpoint c = full();
    c.content = to_hex(content_digest(c));
    EXPECT_FALSE(record_unknown_change(c, "c.h5", "1.0"));
    EXPECT_EQ(c.history, full().history);
}

TEST(Reseal, AnotherContentIsRecordedAndLosesMetricsAndSignatures) {
    Checkpoint c = full();
    c.attributes["metrics_weights"] = "trained";
    c.attributes["metrics_step"] = "8";
    sign(c, SigningKey(key_pem, "key"));
    c.content = to_hex(content_digest(c));
    c.parameters[0].tensor = Tensor(DType::f32, c.parameters[0].tensor.shape());
    const std::string after = to_hex(content_digest(c)), before = c.content;
    EXPECT_TRUE(record_unknown_change(c, "c.h5", "1.0"));
    ASSERT_EQ(c.history.size(), 2u);
    const HistoryRecord r = parse_record(c.history[1]);
    EXPECT_EQ(r.tool, unknown_tool);
    EXPECT_EQ(r.options_json, "{\"before\":\"" + before + "\",\"after\":\"" + after + "\"}");
    EXPECT_EQ(r.metrics_json, "{}");
    EXPECT_EQ(r.inputs[0].made_by, record_id(full().history[0]));
    EXPECT_TRUE(c.signatures.empty());
    EXPECT_EQ(c.attributes.count("metrics_weights") + c.attributes.count("metrics_step"), 0u);
}

} // namespace ds::test
