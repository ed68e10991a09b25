// Training speed: whole steps (forward, backward, update) of the shipped models on random data, beside PyTorch where
// $DS_BENCH_PYTHON names a Python that has it: eager and torch.compile, each in both memory formats and with each
// allocator (peer.h), the same networks and optimizers (train_peer.py), processes that take turns.
//     train_bench [MODEL...]
// For each model our milliseconds of a step and samples a second; then for each of PyTorch's ways its time divided by
// ours: above 1 we are faster. Ours is --math fast; a row says how much longer --math strict takes. Medians over the
// rounds, with the least and the most.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "peer.h"
#include "training.h"

namespace {

using namespace ds;
using namespace ds::bench;

constexpr int rounds = 5;

struct Spread {
    std::vector<double> values;
    std::vector<double> sorted() const {
        std::vector<double> all = values;
        std::sort(all.begin(), all.end());
        return all;
    }
    double median() const { return sorted()[values.size() / 2]; }
    std::string text(const char* format) const {
        const auto one = [&](double v) { return fmt::format(fmt::runtime(format), v); };
        return fmt::format("{:>8} ({} to {})", one(median()), one(sorted().front()), one(sorted().back()));
    }
};

/// One of PyTorch's ways to run the model.
struct Way {
    std::string name;
    Peer* peer;
    std::string allocator;
    Spread ratio{};
};

void measure(const Case& c, const std::vector<std::string>& mallocs) {
    std::vector<std::unique_ptr<Peer>> peers;
    std::vector<Way> ways;
    for (const std::string& path : mallocs) {
        peers.push_back(std::make_unique<Peer>(std::getenv("DS_BENCH_PYTHON"), DS_BENCH_DIR "/train_peer.py",
                                               std::to_string(threads()), path));
        for (const char* way : {"eager", "channels_last", "compile", "compile_channels_last"})
            ways.push_back({way, peers.back().get(), allocator_name(path)});
    }
    Training ours(c), exact(c, kernels::Math::strict);
    const int steps = std::max(1, int(1.0 / ours.run(1)));
    Spread times, strict;
    for (int round = 0; round < rounds; ++round) {
        times.values.push_back(ours.run(steps) * 1e3);
        strict.values.push_back(exact.run(steps) * 1e3 / times.values.back());
        for (Way& way : ways)
            if (const double theirs = way.peer->seconds(c.name + " " + way.name, steps); theirs > 0)
                way.ratio.values.push_back(theirs * 1e3 / times.values.back());
    }
    fmt::print("\n{:38} {} ms a step, {:.1f} samples/s\n", c.name, times.text("{:.1f}"),
               double(c.batch) * 1e3 / times.median());
    fmt::print("  ours, --math strict           {:16} {}\n", "", strict.text("{:.2f}x"));
    for (const Way& way : ways)
        if (!way.ratio.values.empty())
            fmt::print("  PyTorch {:21} {:16} {}\n", way.name, way.allocator, way.ratio.text("{:.2f}x"));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    try {
        fmt::print("{} threads, float32, {} rounds\n", threads(), rounds);
        for (const Case& c : training_cases())
            if (argc < 2 || std::find(argv + 1, argv + argc, c.name) != argv + argc) measure(c, allocators());
        return 0;
    } catch (const Error& error) {
        fmt::print(stderr, "train_bench: error: {}\n", error.what());
        return int(error.code());
    }
}
