// A class for each word of a text: logits [N,T,K], class numbers [N,T], ignored behind a text's end. Where the classes'
// names make spans (data/text/tags.h), what counts is spans: one that is given is right where a true one has its first
// and its last word and its name, as conlleval counts. Words that the model does not read have the prediction O, or
// none where there is no O: they count, but in the loss.
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "data/text/tags.h"
#include "task/class_row.h"
#include "task/task.h"

namespace ds {
namespace {

class Tagged : public Metrics {
public:
    using Metrics::Metrics;
    struct Sentence {
        double nats = 0, read = 0;                 // sums over those that are not ignored and that the model reads
        double right = 0, words = 0;               // and over all that are not ignored
        double truths = 0, given = 0, matches = 0; // spans
        bool finite = true;
    };

    int64_t classes() const override { return classes_; }
    std::vector<int64_t> confusion() const override { return confusion_; }
    void set_labels(const std::vector<std::string>& labels) override {
        labels_ = labels;
        tags_.clear();
        if (!make_spans(labels_)) return;
        for (const std::string& label : labels_) tags_.push_back(span_tag(label));
        outside_ = std::ranges::find(labels_, "O") - labels_.begin();
    }
    std::vector<std::pair<std::string, int64_t>> counts() const override {
        return {{"words", int64_t(sum({}, &Sentence::words))},
                {"unread_words", int64_t(sum({}, &Sentence::words) - sum({}, &Sentence::read))}};
    }
    double sum(Times times, double Sentence::*part) const {
        double all = 0;
        for (size_t s = 0; s < all_.size(); ++s) all += times[s] * (all_[s].*part);
        return all;
    }

protected:
    void take(const TensorView& logits, const Tensor& target, int64_t samples) override {
        classes_ = logits.shape.back();
        const int64_t words = logits.size() / classes_ / logits.shape[0];
        check_labels(target, samples * words, classes_);
        check_unread();
        const size_t first = all_.size();
        make_room(all_);
        all_.resize(first + size_t(samples));
        confusion_.resize(size_t(classes_ * classes_));
        std::vector<Said> said(static_cast<size_t>(samples));
        parallel_for(samples, 1, [&](int64_t begin, int64_t end) {
            for (int64_t s = begin; s < end; ++s)
                all_[first + size_t(s)] = sentence(logits, target, s, words, said[size_t(s)]);
        });
        for (size_t s = 0; s < size_t(samples); ++s) {
            if (!all_[first + s].finite) note_spoilt(int64_t(s));
            for (size_t w = 0; w < said[s].truth.size(); ++w)
                if (said[s].given[w] < classes_) ++confusion_[size_t(said[s].truth[w] * classes_ + said[s].given[w])];
        }
    }

private:
    struct Said {
        std::vector<int64_t> truth, given; // of each word; given is no class where nothing is said
    };
    Sentence sentence(const TensorView& logits, const Tensor& target, int64_t s, int64_t words, Said& said) const {
        Sentence one;
        for (int64_t r = s * words; r < (s + 1) * words; ++r) {
            const auto label = int64_t(target_number(target, r));
            if (label == ignored_class) continue;
            const ClassRow row = class_row(logits, r, label);
            one.finite = one.finite && row.finite;
            one.nats += row.nats;
            one.right += row.predicted == label;
            ++one.read;
            said.truth.push_back(label);
            said.given.push_back(row.predicted);
        }
        if (unread()) add_unread(one, (*unread())[size_t(s)], said);
        one.words = double(said.truth.size());
        if (!tags_.empty()) count_spans(one, said);
        return one;
    }
    void check_unread() const {
        for (const std::vector<int32_t>& labels : unread() ? *unread() : UnreadTags())
            for (const int32_t label : labels)
                if (label != ignored_class && (label < 0 || label >= classes_))
                    fail(Exit::data, "a word behind the cut has class {}, and there are {} classes", label, classes_);
    }
    void add_unread(Sentence& one, const std::vector<int32_t>& labels, Said& said) const {
        for (const int32_t label : labels) {
            if (label == ignored_class) continue;
            one.right += label == unsaid();
            said.truth.push_back(label);
            said.given.push_back(unsaid());
        }
    }
    /// What counts as given of a word that is not read.
    int64_t unsaid() const { return tags_.empty() || outside_ >= classes_ ? classes_ : outside_; }
    void count_spans(Sentence& one, const Said& said) const {
        const std::vector<SpanTag> truth = tags(said.truth), given = tags(said.given);
        const std::vector<WordSpan> there = spans_of(truth), found = spans_of(given);
        one.truths = double(there.size());
        one.given = double(found.size());
        for (const WordSpan& span : found) one.matches += double(std::ranges::count(there, span));
    }
    std::vector<SpanTag> tags(const std::vector<int64_t>& classes) const {
        std::vector<SpanTag> all;
        for (const int64_t k : classes) all.push_back(size_t(k) < tags_.size() ? tags_[size_t(k)] : SpanTag{});
        return all;
    }

    int64_t classes_ = 0;
    std::vector<std::string> labels_;
    std::vector<SpanTag> tags_; // of each class; empty where they make no spans
    int64_t outside_ = 0;       // the class O of those, or their number where they have none
    std::vector<Sentence> all_;
    std::vector<int64_t> confusion_; // of all words
};

using Sentence = Tagged::Sentence;
const Tagged& of(const Metrics& metrics) { return static_cast<const Tagged&>(metrics); }

double share(const Metrics& m, Times t, double Sentence::*part, double Sentence::*whole) {
    return ratio(of(m).sum(t, part), of(m).sum(t, whole));
}
double loss(const Metrics& m, Times t) { return share(m, t, &Sentence::nats, &Sentence::read); }
double accuracy(const Metrics& m, Times t) { return share(m, t, &Sentence::right, &Sentence::words); }

/// 0 where nothing is given, or nothing is there, as conlleval has it; NaN without a word.
double part_of_spans(const Metrics& m, Times t, double all) {
    if (of(m).sum(t, &Sentence::words) == 0) return std::nan("");
    return all > 0 ? of(m).sum(t, &Sentence::matches) / all : 0;
}
double precision(const Metrics& m, Times t) { return part_of_spans(m, t, of(m).sum(t, &Sentence::given)); }
double recall(const Metrics& m, Times t) { return part_of_spans(m, t, of(m).sum(t, &Sentence::truths)); }
double f1(const Metrics& m, Times t) {
    return part_of_spans(m, t, (of(m).sum(t, &Sentence::given) + of(m).sum(t, &Sentence::truths)) / 2);
}

const MetricRow loss_row{"loss", "cross entropy of a word, in nats", Better::less, loss, true};
const MetricRow accuracy_row{"accuracy", "share of words whose true class is the likeliest", Better::greater, accuracy,
                             true};

Task task_of_words() {
    Task task{};
    task.target = TargetMeaning::class_number;
    task.of_words = true;
    task.classes = true;
    task.counted = "words";
    task.train_batch = 32;
    task.eval_batch = 64;
    task.outputs = {"logits"};
    task.measure = [](const Task& own) -> std::unique_ptr<Metrics> { return std::make_unique<Tagged>(own); };
    task.kept_of_sample = sizeof(Sentence);
    task.count_right = count_right_classes;
    task.printing = &tag_printing;
    return task;
}

Task spans() {
    Task task = task_of_words();
    task.name = "tagging";
    task.doc = "spans of words, as tags B, I and O";
    task.metrics = {
        loss_row,
        accuracy_row,
        {"precision", "of the spans that are given, the share that is there, with these words and this name",
         Better::greater, precision},
        {"recall", "of the spans that are there, the share that is given", Better::greater, recall},
        {"f1", "harmonic mean of the two", Better::greater, f1, true},
    };
    task.deciding = task.deciding_of_0_1 = "f1";
    return task;
}

Task classes_of_words() {
    Task task = task_of_words();
    task.name = "token-classification";
    task.doc = "a class for each word of a text";
    task.metrics = {loss_row, accuracy_row};
    task.deciding = task.deciding_of_0_1 = "accuracy";
    return task;
}

} // namespace

const Task tagging_task = spans();
const Task token_classification_task = classes_of_words();

} // namespace ds
