// What a command costs before it works: time and peak memory of tools that only answer.
//     start_bench [FOLDER]
// ds-train --help, and ds-info of a checkpoint of 500 MB made in FOLDER (default: here). Medians of 30 runs, each a
// process of its own from fork to exit; ds-info --verify reads the payload, for comparison.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/checkpoint/model.h"
#include "model/model_file.h"
#include "state/state.h"

namespace {

using namespace ds;

struct Cost {
    double seconds, mib;
};

Cost run(const std::vector<std::string>& words) {
    std::vector<char*> argv;
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), 1);
        execvp(argv[0], argv.data());
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail(Exit::unavailable, "{} did not end well; is it on the PATH?", words[0]);
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
            double(usage.ru_maxrss) / 1024};
}

void measure(const std::string& name, const std::vector<std::string>& words, int rounds) {
    std::vector<double> seconds, mib;
    for (int i = 0; i < rounds; ++i) {
        const Cost cost = run(words);
        seconds.push_back(cost.seconds);
        mib.push_back(cost.mib);
    }
    std::sort(seconds.begin(), seconds.end());
    std::sort(mib.begin(), mib.end());
    fmt::print("{:32} {:8.1f} {:8.1f}\n", name, seconds[seconds.size() / 2] * 1e3, mib[mib.size() / 2]);
}

/// A perceptron with weights of 500 MB.
void make_checkpoint(const std::string& path) {
    ModelRequest request;
    request.model = "mlp";
    request.set = {{"width", "7800"}, {"depth", "3"}};
    request.data = {{"image", "image", {1, 28, 28}, 0, false}, {"label", "target", {}, 10, true}};
    BuiltModel built = build_model(request);
    Model model;
    model.graph = std::move(built.graph);
    model.task = std::move(built.task);
    initialise(model.graph, *model.state, 1);
    save_model(model, path);
}

} // namespace

int main(int argc, char** argv) {
    const std::string path = std::string(argc > 1 ? argv[1] : ".") + "/start_bench.h5";
    int code = 0;
    try {
        make_checkpoint(path);
        fmt::print("checkpoint of {:.0f} MB\n{:32} {:>8} {:>8}\n", double(std::filesystem::file_size(path)) * 1e-6, "",
                   "ms", "MiB");
        measure("ds-train --help", {"ds-train", "--help"}, 30);
        measure("ds-info, metadata verified", {"ds-info", path}, 30);
        measure("ds-info --verify, all of it", {"ds-info", "--verify", path}, 5);
    } catch (const Error& error) {
        fmt::print(stderr, "start_bench: error: {}\n", error.what());
        code = int(error.code());
    }
    std::filesystem::remove(path);
    return code;
}
