// Spans and words of sentences that are counted by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "data/batch/facts.h"
#include "task/task.h"

namespace ds {
namespace {

const std::vector<std::string> labels{"B-L", "B-P", "I-L", "I-P", "O"};

/// Logits that say one class of each word, and targets; words behind the sentence are ignored.
struct Batch {
    explicit Batch(int64_t samples, int64_t words)
        : logits(DType::f32, {samples, words, 5}), target(DType::i32, {samples, words}), words_(words) {
        for (int32_t& t : target.span<int32_t>()) t = int32_t(ignored_class);
    }
    void set(int64_t sample, const std::vector<int32_t>& truth, const std::vector<int32_t>& said) {
        for (size_t w = 0; w < truth.size(); ++w) {
            const int64_t at = sample * words_ + int64_t(w);
            target.as<int32_t>()[at] = truth[w];
            logits.as<float>()[at * 5 + said[w]] = 2;
        }
    }
    Tensor logits, target;
    int64_t words_;
};

std::unique_ptr<Metrics> measured(const Task& task, const std::vector<std::string>& names, const Batch& batch) {
    std::unique_ptr<Metrics> metrics = make_metrics(task);
    metrics->set_labels(names);
    metrics->add(batch.logits.view(), batch.target, batch.target.shape()[0], 0, 1);
    return metrics;
}

// Sentence 0: P is found whole, L one word too long, and a P is given where none is. Sentence 1: an I that begins a
// span, and a span that is missed. Of 4 true spans and 4 given ones 2 are right.
Batch sentences() {
    Batch batch(2, 7);
    batch.set(0, {1, 3, 4, 0, 4, 4}, {1, 3, 4, 0, 2, 1});
    batch.set(1, {4, 1, 4, 1, 3}, {4, 3, 4, 4, 4});
    return batch;
}

TEST(Tagging, SpansCountWhenBothEndsAndTheNameAreRight) {
    const auto metrics = measured(tagging_task, labels, sentences());
    EXPECT_DOUBLE_EQ(metrics->value("precision"), 2.0 / 4);
    EXPECT_DOUBLE_EQ(metrics->value("recall"), 2.0 / 4);
    EXPECT_DOUBLE_EQ(metrics->value("f1"), 0.5);
    EXPECT_DOUBLE_EQ(metrics->value("accuracy"), 6.0 / 11);
    EXPECT_EQ(metrics->samples(), 2);
    EXPECT_EQ(metrics->confusion()[4 * 5 + 1], 1); // an O that was given B-P
}

TEST(Tagging, TheLossIsThatOfTheWordsThatAreThere) {
    const auto metrics = measured(tagging_task, labels, sentences());
    const double norm = std::log(std::exp(2) + 4);
    EXPECT_NEAR(metrics->value("loss"), (6 * (norm - 2) + 5 * norm) / 11, 1e-6);
}

// Of sentence 0 the second half of a span is behind the cut, of sentence 1 the end of one, another and an O are: 6 true
// spans, 3 given, of which two are right still.
TEST(Tagging, WordsBehindTheCutAreGivenAsOutside) {
    Batch batch(2, 4);
    batch.set(0, {1, 3, 4, 0}, {1, 3, 4, 0});
    batch.set(1, {4, 1, 4, 1}, {4, 3, 4, 4});
    const UnreadTags unread{{2, 1}, {3, 0, 4}};
    for (const Task* task : {&tagging_task, &token_classification_task}) {
        std::unique_ptr<Metrics> metrics = make_metrics(*task);
        metrics->set_labels(task == &tagging_task ? labels : std::vector<std::string>{"a", "b", "c", "d", "e"});
        metrics->add(batch.logits.view(), batch.target, 2, 0, 1, nullptr, &unread);
        const bool spans = task == &tagging_task;
        EXPECT_DOUBLE_EQ(metrics->value("accuracy"), (spans ? 7.0 : 6.0) / 13);
        EXPECT_EQ(metrics->confusion()[1 * 5 + 4], spans ? 2 : 1); // of B-P given as O one is behind the cut
        EXPECT_EQ(metrics->counts()[1].second, 5);
        const double norm = std::log(std::exp(2) + 4);
        EXPECT_NEAR(metrics->value("loss"), (6 * (norm - 2) + 2 * norm) / 8, 1e-6); // of those that are read
        if (!spans) continue;
        EXPECT_DOUBLE_EQ(metrics->value("precision"), 2.0 / 3);
        EXPECT_DOUBLE_EQ(metrics->value("recall"), 1.0 / 3);
    }
}

TEST(Tagging, NothingGivenOrNothingThereIsZeroAsInConlleval) {
    Batch batch(1, 3);
    batch.set(0, {4, 1}, {4, 4});
    auto metrics = measured(tagging_task, labels, batch);
    EXPECT_EQ(metrics->value("precision"), 0);
    EXPECT_EQ(metrics->value("f1"), 0);
    Batch other(1, 3);
    other.set(0, {4, 4}, {4, 4});
    metrics = measured(tagging_task, labels, other);
    EXPECT_EQ(metrics->value("f1"), 0);
    EXPECT_EQ(metrics->value("accuracy"), 1);
}

TEST(Tagging, IsDrawnAnewByWholeSentences) {
    const auto metrics = measured(tagging_task, labels, sentences());
    const uint32_t first[] = {1, 0}, second[] = {0, 3};
    const MetricRow& f1 = tagging_task.metric("f1");
    EXPECT_DOUBLE_EQ(metrics->value(f1, Times(first)), 2.0 * 1 / 5);
    EXPECT_DOUBLE_EQ(metrics->value(f1, Times(second)), 2.0 * 1 / 3);
}

TEST(TokenClassification, HasNoSpans) {
    const auto metrics = measured(token_classification_task, {"a", "b", "c", "d", "e"}, sentences());
    EXPECT_DOUBLE_EQ(metrics->value("accuracy"), 6.0 / 11);
    EXPECT_EQ(token_classification_task.deciding, "accuracy");
    EXPECT_EQ(tagging_task.deciding, "f1");
}

TEST(Tagging, ASpoiltSentenceSpoilsAll) {
    Batch batch = sentences();
    batch.logits.as<float>()[7 * 5] = NAN;
    const auto metrics = measured(tagging_task, labels, batch);
    EXPECT_EQ(metrics->first_spoilt(), 1);
    EXPECT_TRUE(std::isnan(metrics->value("f1")));
}

} // namespace
} // namespace ds
