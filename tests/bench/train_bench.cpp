// Training speed: whole steps (forward, backward, update) of the shipped models on random data, beside PyTorch where
// $DS_BENCH_PYTHON names a Python that has it: eager in both memory formats and torch.compile, the same networks and
// optimizers (train_peer.py), two processes that take turns.
//     train_bench [MODEL...]
// Columns: median milliseconds of a step, samples a second, and for each of PyTorch's ways the median over the rounds
// of its time divided by ours: above 1 we are faster.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "peer.h"
#include "training.h"

namespace {

using namespace ds;
using namespace ds::bench;

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void measure(const Case& c, Peer& peer) {
    constexpr int rounds = 5;
    const std::vector<std::string> ways{"eager", "channels_last", "compile"};
    Training ours(c);
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
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    try {
        Peer peer(std::getenv("DS_BENCH_PYTHON"), DS_BENCH_DIR "/train_peer.py", std::to_string(threads()));
        fmt::print("{} threads, float32\n{:14} {:>9} {:>10} {:>14} {:>14} {:>14}\n", threads(), "model", "ms/step",
                   "samples/s", "eager", "channels_last", "compile");
        for (const Case& c : training_cases())
            if (argc < 2 || std::find(argv + 1, argv + argc, c.name) != argv + argc) measure(c, peer);
        return 0;
    } catch (const Error& error) {
        fmt::print(stderr, "train_bench: error: {}\n", error.what());
        return int(error.code());
    }
}
