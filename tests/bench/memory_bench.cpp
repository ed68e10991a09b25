// Peak resident memory of training the shipped models, each in a process of its own, beside PyTorch where
// $DS_BENCH_PYTHON names a Python that has it (train_peer.py), and what the plan said before anything ran.
//     memory_bench [MODEL...]
// Columns in MiB: the peak of the whole process, its growth from before the model was built, the plan's prediction of
// that growth, growth over prediction, the arena over its lower bound from liveness; then the peak and growth of
// PyTorch's process, in the way and with the allocator of its least peak, and ours over PyTorch's for both.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/parallel.h"
#include "peer.h"
#include "training.h"

namespace {

using namespace ds;
using namespace ds::bench;

/// MiB of the named line of /proc/self/status.
double memory(const char* line) {
    std::FILE* file = std::fopen("/proc/self/status", "r");
    char text[256];
    double kib = 0;
    while (file && std::fgets(text, sizeof text, file))
        if (std::string_view(text).starts_with(line)) kib = std::atof(text + std::string_view(line).size());
    if (file) std::fclose(file);
    return kib / 1024;
}

struct Use {
    double peak = 0, growth = 0, predicted = 0, arena_to_bound = 0;
};

struct PeerUse {
    double peak = 0, growth = 0;
    std::string way;
};

/// Runs `body` in a child process, so that nothing of an earlier case is counted.
template <class Body>
Use in_child(Body body) {
    int ends[2];
    if (pipe(ends) != 0) fail(Exit::io, "no pipe");
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const Use use = body();
        _exit(write(ends[1], &use, sizeof use) == ssize_t(sizeof use) ? 0 : 1);
    }
    close(ends[1]);
    Use use;
    const bool sound = read(ends[0], &use, sizeof use) == ssize_t(sizeof use);
    close(ends[0]);
    waitpid(child, nullptr, 0);
    if (!sound) fail(Exit::unavailable, "the measured process ended early");
    return use;
}

Use measure(const Case& c) {
    return in_child([&] {
        parallel_for(threads(), 1, [](int64_t, int64_t) {}); // threads and their stacks are not the model's
        const double before = memory("VmRSS:");
        Training training(c);
        training.run(3);
        const double peak = memory("VmHWM:");
        const Plan& plan = *training.plan();
        return Use{peak, peak - before, double(plan.peak_bytes()) / 0x1p20,
                   double(plan.arena_bytes) / double(plan.lower_bound)};
    });
}

PeerUse measure_peer(const Case& c, const char* python, const std::string& way, const std::string& allocator) {
    const std::string preload = allocator.empty() ? "" : "LD_PRELOAD='" + allocator + "' ";
    const std::string command = fmt::format("{}'{}' '{}/train_peer.py' {} --memory {} {} 2>/dev/null", preload, python,
                                            DS_BENCH_DIR, threads(), c.name, way);
    PeerUse use;
    std::FILE* pipe = popen(command.c_str(), "r");
    if (!pipe || std::fscanf(pipe, "%lf %lf", &use.peak, &use.growth) != 2) use = {};
    if (pipe) pclose(pipe);
    use.way = way + ", " + allocator_name(allocator);
    return use;
}

/// Where the peak is least; zeros without PyTorch.
PeerUse measure_peer(const Case& c) {
    const char* python = std::getenv("DS_BENCH_PYTHON");
    PeerUse best;
    if (!python) return best;
    for (const std::string& allocator : allocators())
        for (const char* way : {"eager", "channels_last", "compile", "compile_channels_last"}) {
            const PeerUse use = measure_peer(c, python, way, allocator);
            if (use.peak > 0 && (best.peak == 0 || use.peak < best.peak)) best = use;
        }
    return best;
}

} // namespace

int main(int argc, char** argv) {
    try {
        fmt::print("{} threads, float32, MiB\n{:12} {:>8} {:>8} {:>10} {:>6} {:>6} {:>11} {:>11}  {}\n", threads(),
                   "model", "peak", "growth", "predicted", "ratio", "arena", "torch peak", "its growth",
                   "ours over its");
        for (const Case& c : training_cases()) {
            if (argc > 1 && std::find(argv + 1, argv + argc, c.name) == argv + argc) continue;
            const Use ours = measure(c);
            const PeerUse theirs = measure_peer(c);
            fmt::print("{:12} {:8.1f} {:8.1f} {:10.1f} {:6.2f} {:6.3f}", c.name, ours.peak, ours.growth, ours.predicted,
                       ours.growth / ours.predicted, ours.arena_to_bound);
            if (theirs.peak > 0)
                fmt::print(" {:11.1f} {:11.1f}  peak {:.2f}, growth {:.2f} ({})", theirs.peak, theirs.growth,
                           ours.peak / theirs.peak, ours.growth / theirs.growth, theirs.way);
            fmt::print("\n");
            std::fflush(stdout);
        }
        return 0;
    } catch (const Error& error) {
        fmt::print(stderr, "memory_bench: error: {}\n", error.what());
        return int(error.code());
    }
}
