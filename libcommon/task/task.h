// Tasks as rows: what a model's outputs are for. Everything that differs from task to task and is not in the graph
// stands in the task's row, in a file of its own: what the target means, how outputs are measured, which measure
// decides, and how a prediction prints. Elsewhere nothing asks which task a model has by its name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch/facts.h"
#include "task/metrics.h"
#include "task/printing.h"
#include "tensor/tensor.h"

namespace ds {

/// What one number of a target says.
enum class TargetMeaning : uint8_t {
    class_number, // 0..K-1 where the output has K numbers, or ignored_class
    any_class,    // from 0 up, or ignored_class; of data that is measured others than of training
    zero_or_one,  // 1: it is so
    number,       // any finite number
    relevance,    // a number from 0 up, of which 2 to that power is a gain
    token         // the next one of a text
};

/// One of the things that a joint task is made of. Its outputs in the graph are NAME.logits and so on.
struct TaskPart {
    std::string name; // no dots, colons and commas; empty: outputs have no prefix
    const Task* task = nullptr;
    double weight = 1; // of its mean loss in what training makes small

    /// "price.logits" for "logits".
    std::string output(std::string_view of) const {
        return name.empty() ? std::string(of) : name + "." + std::string(of);
    }
};

struct Task {
    std::string_view name; // as model files store it
    std::string_view doc;  // one clause
    TargetMeaning target;
    bool ranks = false;    // predictions of a group of rows are put in order
    bool of_input = false; // what outputs are held to is made of inputs: the output `truth` has it
    int vectors = 0;       // of its outputs, the first so many are vectors to be compared by their cosines
    bool of_words = false; // a sample is a text, and each of its words has a prediction
    bool windows = false;  // samples are windows of T tokens, cut from a stream of text
    bool classes = false;  // what is counted belongs to one of some classes: there is a confusion matrix
    std::string_view counted = "samples"; // or "pixels": what the confusion matrix counts
    bool overlaps = false;                // classes have an intersection over union
    int64_t train_batch = 128;            // samples, where nobody says otherwise
    int64_t eval_batch = 256;             // likewise
    std::vector<std::string> outputs;     // of the graph, that the measuring reads; the model's own is the first
    std::vector<MetricRow> metrics;       // in the order of printing
    std::string_view deciding;            // the metric by which models are selected and compared
    std::string_view deciding_of_0_1;     // the same in runs that ds-train 0.1 began
    bool has_curves = false;              // Metrics::curves() may have some
    std::unique_ptr<Metrics> (*measure)(const Task&);
    int64_t kept_bytes = 0;     // what measuring keeps of each number of an output, its metrics at work included
    int64_t kept_of_class = 0;  // of each class (the last axis of an output) of each sample
    int64_t kept_of_sample = 0; // and of each sample
    /// How many rows of a batch's outputs are right, quick enough for every training step; null: no such thing.
    int64_t (*count_right)(const TensorView& output, const Tensor& target) = nullptr;
    const Printing* printing = nullptr; // of predictions; null: samples have none
    std::vector<TaskPart> parts = {};   // of a joint task (task/joint.h)

    /// What people are told: the name; of a joint task "several targets (price: regression, sold: binary)".
    std::string title() const;
    bool has_threshold() const;   // some metric does
    bool tells_likeliest() const; // its predictions, or some part's, do: Printing::likeliest
    /// Error(usage) listing the known ones.
    const MetricRow& metric(std::string_view name) const;
};

const std::vector<const Task*>& tasks();
/// Also joint ones. Error(data) for a task that this version does not know; `source` is the model that has it.
const Task& find_task(std::string_view name, const std::string& source);
std::unique_ptr<Metrics> make_metrics(const Task& task);

/// What a head gave for a batch, and what is true.
struct HeadValues {
    TensorView output;                  // [samples, ...]
    const Tensor* target = nullptr;     // with room for more samples
    const UnreadTags* unread = nullptr; // classes of words that they have no room for; null: all have
};

/// The parts of a joint task; of another one itself, without a name.
std::vector<TaskPart> parts_of(const Task& task);

/// Names of all tasks' metrics, each once.
std::vector<std::string> metric_names();
/// "top1 for classification, auc for binary, ...": the deciding ones.
std::string deciding_metrics();

// The rows.
extern const Task classification_task, binary_task, regression_task, text_task, segmentation_task, multi_label_task,
    ranking_task, reconstruction_task, embedding_task, retrieval_task, tagging_task, token_classification_task;

} // namespace ds
