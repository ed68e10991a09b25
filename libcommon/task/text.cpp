// Text: logits [N,T,K] of the token that follows each of T, and those tokens [N,T].
#include <cmath>

#include "base/parallel.h"
#include "task/class_row.h"
#include "task/task.h"

namespace ds {
namespace {

class Windows : public Metrics {
public:
    using Metrics::Metrics;
    struct Window {
        double nats = 0, right = 0, tokens = 0; // sums
        bool finite = true;
    };
    double mean(Times times, double Window::*part) const {
        double sum = 0, tokens = 0;
        for (size_t i = 0; i < all_.size(); ++i) {
            sum += times[i] * (all_[i].*part);
            tokens += times[i] * all_[i].tokens;
        }
        return ratio(sum, tokens);
    }

protected:
    void take(const TensorView& logits, const Tensor& target, int64_t samples) override {
        const int64_t rows = logits.size() / logits.shape.back() / logits.shape[0];
        check_labels(target, samples * rows, logits.shape.back());
        const size_t first = all_.size();
        make_room(all_);
        all_.resize(first + size_t(samples));
        parallel_for(samples, 1, [&](int64_t begin, int64_t end) {
            for (int64_t s = begin; s < end; ++s) all_[first + size_t(s)] = window(logits, target, s, rows);
        });
        for (int64_t s = 0; s < samples; ++s)
            if (!all_[first + size_t(s)].finite) note_spoilt(s);
    }

private:
    static Window window(const TensorView& logits, const Tensor& target, int64_t s, int64_t rows) {
        Window w;
        for (int64_t r = s * rows; r < (s + 1) * rows; ++r) {
            const auto label = int64_t(target_number(target, r));
            const ClassRow row = class_row(logits, r, label == ignored_class ? 0 : label);
            w.finite = w.finite && row.finite;
            if (label == ignored_class) continue;
            w.nats += row.nats;
            w.right += row.top1;
            ++w.tokens;
        }
        return w;
    }
    std::vector<Window> all_;
};

using Window = Windows::Window;
const Windows& of(const Metrics& metrics) { return static_cast<const Windows&>(metrics); }

double loss(const Metrics& m, Times t) { return of(m).mean(t, &Window::nats); }
double perplexity(const Metrics& m, Times t) { return std::exp(loss(m, t)); }
double bits_per_byte(const Metrics& m, Times t) { return loss(m, t) / std::log(2.0); }
double top1(const Metrics& m, Times t) { return of(m).mean(t, &Window::right); }

} // namespace

const Task text_task = {
    .name = "text",
    .doc = "the next token of a text",
    .target = TargetMeaning::token,
    .windows = true,
    .train_batch = 16,
    .eval_batch = 16,
    .outputs = {"logits"},
    .metrics =
        {
            {"loss", "cross entropy of a token, in nats", Better::less, loss, true},
            {"perplexity", "e to the loss: among how many tokens it is as if one were drawn", Better::less, perplexity},
            {"bits_per_byte", "the loss in bits: how far the text can be packed", Better::less, bits_per_byte, true},
            {"top1", "share of tokens that are the likeliest", Better::greater, top1, true},
        },
    .deciding = "loss",
    .deciding_of_0_1 = "loss",
    .measure = [](const Task& task) -> std::unique_ptr<Metrics> { return std::make_unique<Windows>(task); },
    .kept_of_sample = sizeof(Window),
    .count_right = count_right_classes,
};

} // namespace ds
