// Batches run through a model, and what it says of their samples handed over in order: those that mean nothing are
// refused or counted, those of a ranking wait for the end of their groups.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "infer/evaluator.h"
#include "infer/predict.h"
#include "infer/predicted_outputs.h"
#include "infer/ranker.h"

namespace ds {

class PredictionStream {
public:
    /// All three must live as long. Error(data) where predictions would depend on the others of a batch.
    PredictionStream(const PredictedOutputs& asked, const PredictRequest& request,
                     const std::function<void(const Predictions&)>& each);

    /// Of the samples of the batch that runs next: their names and what else is known of them; and of all that follow:
    /// the header of their table, what their names are called.
    Predictions& next() { return predictions_; }
    /// Runs the batch and hands its samples over, or those of them whose outputs mean something. Error(data) for others
    /// unless bad ones are skipped.
    void run(const Batch& batch);
    /// The header of a table, and no samples.
    void hand_over_header() { hand_over(); }
    /// A row of a table, without a prediction.
    void hand_over_bad(const std::string& name, const std::vector<std::string>& cells);
    /// All samples of an input have come.
    void end_of_input() { ranker_.hand_over(each_); }

    /// What the memory limit counts besides plans.
    void count_batches(const std::function<int64_t(const Binding&)>& bytes);
    PredictSummary& summary() { return summary_; }
    void tell_profile() const { inference_.tell_profile(); }

private:
    Dims item_of() const;
    void note_what_follows();
    bool is_one_head() const { return predictions_.names.parts.empty(); }
    void give(const Predictions& some);
    void hand_over();
    void hand_over_usable(const Predictions& batch);
    void refuse_unusable(Predictions one);

    const PredictedOutputs& asked_;
    const PredictRequest& request_;
    const std::function<void(const Predictions&)>& each_;
    Inference inference_;
    Ranker ranker_;
    PredictSummary summary_;
    Predictions predictions_; // of one batch
};

} // namespace ds
