// Training speed: whole steps (forward, backward, update) of the shipped models on random data, beside PyTorch where
// $DS_BENCH_PYTHON names a Python that has it: eager in both memory formats and torch.compile, the same networks and
// optimizers (train_peer.py), two processes that take turns.
//     train_bench [MODEL...]
// Columns: median milliseconds of a step, samples a second, and for each of PyTorch's ways the median over the rounds
// of its time divided by ours: above 1 we are faster.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "model/model_file.h"
#include "peer.h"
#include "run/train_step.h"

namespace {

using namespace ds;

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Case {
    std::string name, model;
    std::map<std::string, std::string> set;
    int64_t batch, tokens;
    DataFacts data;
    OptimizerKind optimizer;
};

std::vector<Case> all_cases() {
    const DataFacts fashion{{"image", "image", {1, 28, 28}, 0, false}, {"label", "target", {}, 10, true}};
    const DataFacts cifar{{"image", "image", {3, 32, 32}, 0, false}, {"label", "target", {}, 10, true}};
    return {{"fashion-cnn", "fashion-cnn", {}, 128, 0, fashion, OptimizerKind::adamw},
            {"resnet18", "resnet18", {{"stem", "cifar"}}, 128, 0, cifar, OptimizerKind::sgd},
            {"gpt-tiny", "gpt-tiny", {}, 16, 256, {{"tokens", "text", {}, 0, false}}, OptimizerKind::adamw}};
}

/// Random values in all that the graph wants of a batch; integers are classes or tokens.
Batch random_batch(const Graph& graph, const Case& c) {
    Batch batch;
    batch.size = c.batch;
    const Binding binding = bind_sizes(graph, c.batch, c.tokens);
    for (const Input& input : graph.inputs) {
        const Type type = graph.type(input.value);
        Tensor tensor(type.dtype, dims(bind(type.shape, binding)));
        for (int64_t i = 0; i < tensor.size(); ++i) {
            const uint32_t bits = rng::draw(1, rng::Stream::init, 0, uint64_t(i))[0];
            if (type.dtype == DType::f32) tensor.as<float>()[i] = float(bits) * 0x1p-31f - 1;
            if (type.dtype == DType::i32) tensor.as<int32_t>()[i] = int32_t(bits % 10);
        }
        batch.inputs[input.name] = std::move(tensor);
    }
    for (int64_t i = 0; i < c.batch; ++i) batch.sample.push_back(i);
    return batch;
}

class Ours {
public:
    explicit Ours(const Case& c) {
        ModelRequest request;
        request.model = c.model;
        request.set = c.set;
        request.data = c.data;
        BuiltModel built = build_model(request);
        model_.graph = std::move(built.graph);
        model_.task = std::move(built.task);
        initialise(model_.graph, *model_.state, 1);
        options_.batch = c.batch;
        options_.tokens = c.tokens;
        options_.optimizer.kind = c.optimizer;
        options_.optimizer.momentum = 0.9;
        batch_ = random_batch(model_.graph, c);
        step_ = std::make_unique<TrainStep>(model_, options_, RunControls{});
        run(2);
    }
    /// Mean seconds of so many steps.
    double run(int steps) {
        const double start = now();
        for (int i = 0; i < steps; ++i) step_->run(batch_, ++done_, 1e-3);
        return (now() - start) / steps;
    }

private:
    Model model_;
    TrainOptions options_;
    Batch batch_;
    std::unique_ptr<TrainStep> step_;
    int64_t done_ = 0;
};

void measure(const Case& c, Peer& peer) {
    constexpr int rounds = 7;
    const std::vector<std::string> ways{"eager", "channels_last", "compile"};
    Ours ours(c);
    const int steps = std::max(1, int(1.0 / ours.run(1)));
    std::vector<double> times;
    std::vector<std::vector<double>> ratios(ways.size());
    for (int round = 0; round < rounds; ++round) {
        times.push_back(ours.run(steps));
        for (size_t w = 0; w < ways.size(); ++w)
            if (const double theirs = peer.seconds(c.name + " " + ways[w], steps); theirs > 0)
                ratios[w].push_back(theirs / times.back());
    }
    fmt::print("{:14} {:9.1f} {:10.1f}", c.name, median(times) * 1e3, double(c.batch) / median(times));
    for (const auto& ratio : ratios) fmt::print(" {:>14}", ratio.empty() ? "-" : fmt::format("{:.2f}x", median(ratio)));
    fmt::print("\n");
}

} // namespace

int main(int argc, char** argv) {
    try {
        Peer peer(std::getenv("DS_BENCH_PYTHON"), DS_BENCH_DIR "/train_peer.py", std::to_string(threads()));
        fmt::print("{} threads, float32\n{:14} {:>9} {:>10} {:>14} {:>14} {:>14}\n", threads(), "model", "ms/step",
                   "samples/s", "eager", "channels_last", "compile");
        for (const Case& c : all_cases())
            if (argc < 2 || std::find(argv + 1, argv + argc, c.name) != argv + argc) measure(c, peer);
        return 0;
    } catch (const Error& error) {
        fmt::print(stderr, "train_bench: error: {}\n", error.what());
        return int(error.code());
    }
}
