#include "infer/generate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/rng.h"
#include "infer/evaluator.h"

namespace ds {
namespace {

/// The logits of one place of a window. Those of -inf are never drawn; other infinities and NaN cannot be compared.
std::vector<double> logits_at(const TensorView& all, int64_t place, const std::string& source) {
    const int64_t vocabulary = all.shape.back();
    std::vector<double> logits(static_cast<size_t>(vocabulary));
    for (int64_t i = 0; i < vocabulary; ++i) logits[size_t(i)] = float_at(all, place * vocabulary + i);
    const bool usable = std::none_of(logits.begin(), logits.end(), [](double x) { return std::isnan(x); }) &&
                        std::isfinite(*std::max_element(logits.begin(), logits.end()));
    if (!usable) fail(Exit::data, "{}: it does not give finite numbers; its weights are spoilt", source);
    return logits;
}

/// The prompt's bytes as tokens. A model of fewer tokens than bytes does not know them all.
std::vector<int32_t> tokens_of(const std::string& prompt, int64_t vocabulary, const std::string& source) {
    if (vocabulary > 256)
        fail(Exit::data, "{}: it has {} tokens; text is made of bytes, which are 256", source, vocabulary);
    std::vector<int32_t> tokens;
    for (char c : prompt) {
        tokens.push_back(static_cast<unsigned char>(c));
        if (tokens.back() >= vocabulary)
            fail(Exit::data, "--prompt: byte {} is none of the {} tokens of {}", tokens.back(), vocabulary, source);
    }
    return tokens;
}

int64_t vocabulary_of(const Graph& graph) {
    const Dim last = graph.type(graph.outputs.at(0).value).shape.back();
    return last.known() ? last.value() : 256;
}

int32_t draw(const std::vector<double>& logits, const GenerateRequest& request, rng::Sequence& random) {
    if (request.temperature == 0) return int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin());
    const int64_t n = int64_t(logits.size());
    std::vector<int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const int64_t k = request.top_k > 0 ? std::min(request.top_k, n) : n;
    std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](int32_t a, int32_t b) {
        const double x = logits[size_t(a)], y = logits[size_t(b)];
        return x != y ? x > y : a < b;
    });
    const double top = logits[size_t(order[0])];
    std::vector<double> weight;
    for (int64_t i = 0; i < k; ++i)
        weight.push_back(std::exp((logits[size_t(order[size_t(i)])] - top) / request.temperature));
    double place = random.uniform() * std::accumulate(weight.begin(), weight.end(), 0.0);
    for (size_t i = 0; i < weight.size(); ++i)
        if ((place -= weight[i]) < 0) return order[i];
    return order[size_t(k - 1)];
}

/// How many bytes at the end of `text` might be the start of `stop`.
size_t held_back(const std::string& text, const std::string& stop) {
    for (size_t n = std::min(text.size(), stop.size()); n > 0; --n)
        if (text.compare(text.size() - n, n, stop, 0, n) == 0) return n;
    return 0;
}

} // namespace

void generate(const Model& model, const GenerateRequest& request,
              const std::function<void(std::string_view)>& on_text) {
    if (!task_of(model).windows)
        fail(Exit::usage, "--prompt: {} is a model for {}, not for text", model.source, model.task);
    if (request.prompt.empty()) fail(Exit::usage, "--prompt is empty; a model needs at least one byte to go on from");
    const int64_t window = text_tokens(model);
    if (window < 1) fail(Exit::data, "{}: the length of its context is not known", model.source);
    EvalOptions options;
    options.controls = request.controls;
    options.tokens = window;
    Inference inference(model, {"logits"}, options);
    std::string input;
    for (const Input& i : inference.graph().inputs)
        if (i.role == InputRole::data) input = i.name;
    Batch batch;
    batch.size = 1;
    batch.inputs[input] = Tensor(DType::i32, {1, window});
    std::vector<int32_t> context = tokens_of(request.prompt, vocabulary_of(inference.graph()), model.source);
    rng::Sequence random(request.seed, rng::Stream::generate);
    on_text(request.prompt);
    std::string pending;
    for (int64_t t = 0; t < request.tokens; ++t) {
        if (int64_t(context.size()) > window) context.erase(context.begin(), context.end() - window);
        const int64_t n = int64_t(context.size());
        int32_t* tokens = batch.inputs[input].as<int32_t>();
        std::copy(context.begin(), context.end(), tokens);
        std::fill(tokens + n, tokens + window, 0); // places after the last token: a causal model does not look there
        const int32_t next =
            draw(logits_at(inference.run(batch).output("logits"), n - 1, model.source), request, random);
        context.push_back(next);
        pending += char(next);
        if (!request.stop.empty() && pending.ends_with(request.stop)) {
            pending.resize(pending.size() - request.stop.size());
            break;
        }
        const size_t keep = request.stop.empty() ? 0 : held_back(pending, request.stop);
        on_text(std::string_view(pending).substr(0, pending.size() - keep));
        pending.erase(0, pending.size() - keep);
    }
    on_text(pending);
    inference.tell_profile();
}

} // namespace ds
