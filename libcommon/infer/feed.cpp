#include "infer/feed.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/names.h"
#include "data/batch/targets.h"
#include "graph/verify.h"
#include "infer/heads.h"
#include "task/task.h"

namespace ds {

void set_scalar(const Executor& executor, const std::string& input, double value) {
    if (!executor.has_input(input)) return;
    const TensorView view = executor.input(input);
    switch (view.dtype) {
    case DType::f32: *view.as<float>() = float(value); break;
    case DType::f64: *view.as<double>() = value; break;
    case DType::i64: *view.as<int64_t>() = int64_t(value); break;
    default: bug("input '{}' is {}", input, name(view.dtype));
    }
}

double scalar_output(const Executor& executor, const std::string& output) {
    const TensorView view = executor.output(output);
    if (view.dtype == DType::boolean) return *view.as<bool>();
    return view.dtype == DType::f64 ? *view.as<double>() : double(*view.as<float>());
}

void feed_inputs(const Executor& executor, const Batch& batch) {
    for (const auto& [name, tensor] : batch.inputs) {
        if (!executor.has_input(name)) continue;
        const TensorView to = executor.input(name);
        std::memcpy(to.data, tensor.data(), size_t(bytes(to.dtype, to.shape)));
    }
}

std::vector<InputBinding> bind_model(const Model& model, const DataSource& source, int64_t tokens, bool need_target,
                                     const Binding& given) {
    Binding sizes = sizes_of_data(model.graph, source, given);
    if (tokens > 0) sizes.emplace("T", tokens);
    const Preprocessing preprocessing = Preprocessing::from_json(
        model.preprocessing_json, model.source.empty() ? "the model's preprocessing" : model.source);
    const bool any_classes = find_task(model.task, model.source).target == TargetMeaning::any_class;
    return bind_inputs(model.graph, source, preprocessing, any_classes ? std::vector<std::string>{} : model.labels,
                       sizes, need_target);
}

void check_data(const Model& model, const DataSource& source, int64_t tokens, bool learns, const Binding& given) {
    const std::vector<InputBinding> bindings = bind_model(model, source, tokens, true, given);
    std::set<std::string> zero_or_one, relevances, classes;
    for (const Head& head : heads_of(model)) {
        if (head.part.task->target == TargetMeaning::zero_or_one) zero_or_one.insert(head.target);
        if (head.part.task->target == TargetMeaning::relevance) relevances.insert(head.target);
        if (head.part.task->target == TargetMeaning::any_class) classes.insert(head.target);
    }
    check_targets(model.graph, zero_or_one, bindings, source, learns, relevances, classes);
    check_inputs(bindings, source);
}

Binding bind_sizes(const Graph& graph, int64_t batch, int64_t tokens, const Binding& sizes) {
    Binding binding;
    for (const std::string& symbol : symbols(graph)) {
        const auto given = sizes.find(symbol);
        if (symbol == "N") binding[symbol] = batch;
        else if (given != sizes.end()) binding[symbol] = given->second;
        else if (symbol == "T" && tokens > 0) binding[symbol] = tokens;
        else
            fail(Exit::usage, "the model leaves the size {0} open; give --bind {0}=SIZE{1}", symbol,
                 symbol == "T" ? ", or --tokens" : "");
    }
    return binding;
}

void check_sizes(const Graph& graph, const Binding& sizes) {
    const std::vector<std::string> open = symbols(graph);
    std::vector<std::string_view> known;
    for (const std::string& symbol : open)
        if (symbol != "N") known.push_back(symbol);
    for (const auto& [symbol, size] : sizes) {
        if (symbol == "N") fail(Exit::usage, "--bind N: the number of samples is what --batch says");
        if (std::find(known.begin(), known.end(), symbol) != known.end()) continue;
        if (known.empty()) fail(Exit::usage, "--bind {}: the model leaves no size open", symbol);
        fail(Exit::usage, "--bind {}: the model has no such size{}", symbol, name_hint(symbol, known));
    }
}

} // namespace ds
