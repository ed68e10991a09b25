#include "infer/generate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/utf8.h"
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

/// Takes the tokens away that would not go on as UTF-8.
void keep_utf8(std::vector<double>& logits, const Utf8& text, const std::string& source) {
    for (size_t i = 0; i < logits.size(); ++i)
        if (!text.allows(uint8_t(i))) logits[i] = -std::numeric_limits<double>::infinity();
    if (std::all_of(logits.begin(), logits.end(), [](double x) { return std::isinf(x); }))
        fail(Exit::data, "{}: it gives no byte that goes on as UTF-8 a chance; see --bytes", source);
}

/// Where in UTF-8 the prompt ends; none where it is something else, or any byte is wanted.
std::optional<Utf8> utf8_after(const GenerateRequest& request) {
    if (request.any_bytes) return std::nullopt;
    if (const size_t wrong = find_not_utf8(request.prompt); wrong != std::string::npos) {
        log::info(fmt::format("the prompt is not UTF-8 (byte {}): any byte may follow", wrong));
        return std::nullopt;
    }
    Utf8 text;
    for (const char c : request.prompt) text.take(static_cast<uint8_t>(c));
    return text;
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
        fail(Exit::usage, "--prompt: {} is a model for {}, not for text", model.source, task_of(model).title());
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
    std::optional<Utf8> utf8 = utf8_after(request);
    on_text(request.prompt);
    std::string pending;
    for (int64_t t = 0; t < request.tokens; ++t) {
        if (int64_t(context.size()) > window) context.erase(context.begin(), context.end() - window);
        const int64_t n = int64_t(context.size());
        int32_t* tokens = batch.inputs[input].as<int32_t>();
        std::copy(context.begin(), context.end(), tokens);
        std::fill(tokens + n, tokens + window, 0); // places after the last token: a causal model does not look there
        std::vector<double> logits = logits_at(inference.run(batch).output("logits"), n - 1, model.source);
        if (utf8) keep_utf8(logits, *utf8, model.source);
        const int32_t next = draw_token(logits, request.sampling, random);
        if (utf8) utf8->take(uint8_t(next));
        context.push_back(next);
        pending += char(next);
        if (!request.stop.empty() && pending.ends_with(request.stop)) {
            pending.resize(pending.size() - request.stop.size());
            break;
        }
        size_t keep = request.stop.empty() ? 0 : held_back(pending, request.stop);
        if (utf8) keep = std::max(keep, std::min(utf8->open(), pending.size()));
        on_text(std::string_view(pending).substr(0, pending.size() - keep));
        pending.erase(0, pending.size() - keep);
    }
    if (utf8) pending.resize(pending.size() - std::min(open_utf8(pending), pending.size()));
    on_text(pending);
    inference.tell_profile();
}

} // namespace ds
