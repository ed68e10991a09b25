#include "train/target_weights.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "data/batch/targets.h"
#include "data/batch/weights.h"
#include "infer/evaluator.h"
#include "infer/feed.h"
#include "ops/loss.h"
#include "pass/derive/weigh_targets.h"

namespace ds {
namespace {

/// "class a 0.62, b 2.5".
std::string words(const std::vector<double>& weights, const std::vector<std::string>& names) {
    std::vector<std::string> all;
    for (size_t k = 0; k < weights.size(); ++k)
        all.push_back(fmt::format("{} {:.4g}", k < names.size() ? names[k] : std::to_string(k), weights[k]));
    return few_names(all);
}

/// The weights of one target's classes; none where it has no classes.
std::vector<double> weights_of(const Model& model, const InputBinding& target, const DataSource& source,
                               const TrainOptions& options) {
    int64_t classes = 0, ignored = ignored_class;
    std::vector<std::string> elsewhere;
    std::vector<std::string> names = source.file().columns()[size_t(target.column)].labels;
    for (const Head& head : heads_of(model)) {
        if (head.target != target.input) elsewhere.insert(elsewhere.end(), head.labels.begin(), head.labels.end());
        if (head.target != target.input) continue;
        if (head.part.task->target == TargetMeaning::zero_or_one && target.item.empty()) classes = 2;
        if (!head.labels.empty()) names = head.labels;
    }
    if (const Node* loss = softmax_of(model.graph, target.input)) {
        const Dim last = model.graph.type(loss->in[0]).shape.back();
        classes = last.known() ? last.value() : 0;
        ignored = loss->as<CrossEntropyAttrs>().ignore_index;
    }
    if (classes < 2 || target.is_text) return {};
    std::vector<double> all =
        class_weights(options.class_weight, target, source, weight_column(source), classes, names, ignored, elsewhere);
    if (all.empty()) return {};
    log::info(fmt::format("classes of '{}' count by their weight: {}", target.input, words(all, names)));
    return all;
}

template <class T>
void fill(T* to, const TensorView& view, const Batch& batch, const T* of_samples, const std::vector<double>* classes,
          const Tensor* target) {
    const int64_t each = view.size() / std::max<int64_t>(1, view.shape[0]);
    for (int64_t i = 0; i < batch.size * each; ++i) {
        to[i] = of_samples ? of_samples[i / each] : T(1);
        const auto k = classes ? int64_t(target_number(*target, i)) : -1;
        if (k >= 0 && k < std::ssize(*classes)) to[i] *= T((*classes)[size_t(k)]);
    }
}

} // namespace

std::set<std::string> TargetWeights::by_target() const {
    std::set<std::string> names;
    for (const auto& [name, weights] : classes) names.insert(name);
    return names;
}

TargetWeights target_weights(const Model& model, const DataSource& source, const TrainOptions& options) {
    TargetWeights all;
    if (const int column = weight_column(source); column >= 0) {
        check_weights(source, column);
        all.samples = true;
        log::info(fmt::format("samples count by their weight '{}'", source.file().columns()[size_t(column)].name));
    }
    if (!options.class_weight.empty()) {
        for (const InputBinding& binding : bind_model(model, source, options.tokens, true, options.sizes))
            if (binding.role == InputRole::target)
                if (std::vector<double> own = weights_of(model, binding, source, options); !own.empty())
                    all.classes[binding.input] = std::move(own);
        if (all.classes.empty())
            fail(Exit::usage, "--class-weight is for targets that are one of some classes; the model's task is {}",
                 task_of(model).title());
    }
    if (all.any() && options.augmentation.mixes())
        fail(Exit::usage,
             "--mixup and --cutmix make samples of two, which have no weight of their own; leave out {} or them",
             all.classes.empty() ? "the column of weights" : "--class-weight");
    return all;
}

std::vector<InputBinding> training_bindings(const Model& model, const DataSource& source, const TrainOptions& options) {
    std::vector<InputBinding> bindings = bind_model(model, source, options.tokens, true, options.sizes);
    InputBinding weights;
    weights.input = sample_weight;
    weights.role = InputRole::weight;
    weights.column = weight_column(source);
    for (const Output& output : model.graph.outputs)
        if (output.objective) weights.dtype = model.graph.type(output.value).dtype;
    if (weights.column >= 0) bindings.push_back(std::move(weights));
    return bindings;
}

void fill_weights(const Executor& executor, const Batch& batch, const TargetWeights& weights) {
    const auto fill_one = [&](const std::string& input, const std::vector<double>* classes, const Tensor* target) {
        if (!executor.has_input(input)) return;
        const TensorView to = executor.input(input);
        const Tensor* of_samples = weights.samples ? &batch.inputs.at(sample_weight) : nullptr;
        if (to.dtype == DType::f64)
            fill(to.as<double>(), to, batch, of_samples ? of_samples->as<double>() : nullptr, classes, target);
        else fill(to.as<float>(), to, batch, of_samples ? of_samples->as<float>() : nullptr, classes, target);
    };
    fill_one(sample_weight, nullptr, nullptr);
    for (const auto& [target, classes] : weights.classes)
        fill_one(target_weight(target), &classes, &batch.inputs.at(target));
}

} // namespace ds
