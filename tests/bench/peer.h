// A PyTorch process beside a benchmark: it is asked for the time of a named piece of work over a pair of pipes, so that
// rounds of both can alternate. Without a Python it answers nothing. PyTorch takes and gives back memory at every step,
// so that its speed depends on malloc: $DS_BENCH_PRELOAD has further ones (libraries, with colons between them).
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

/// The C library's malloc ("") and those of $DS_BENCH_PRELOAD, as paths.
inline std::vector<std::string> allocators() {
    std::vector<std::string> all{""};
    const char* preload = std::getenv("DS_BENCH_PRELOAD");
    std::istringstream paths(preload ? preload : "");
    for (std::string path; std::getline(paths, path, ':');)
        if (!path.empty()) all.push_back(path);
    return all;
}

/// ".../libjemalloc.so.2" -> "jemalloc".
inline std::string allocator_name(const std::string& path) {
    if (path.empty()) return "glibc";
    const size_t begin = path.rfind('/') + 4; // behind "lib"
    return path.substr(begin, path.find('.', begin) - begin);
}

class Peer {
public:
    /// Starts `python script argument` with that allocator; python null: no peer.
    Peer(const char* python, const char* script, const std::string& argument, const std::string& allocator = "") {
        int to[2], from[2]; // no other peer holds their ends: it would never see the end of its work
        if (!python || pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) return;
        std::signal(SIGPIPE, SIG_IGN); // a peer that died answers 0
        child_ = fork();
        if (child_ == 0) {
            dup2(to[0], 0);
            dup2(from[1], 1);
            if (!allocator.empty()) setenv("LD_PRELOAD", allocator.c_str(), 1);
            execlp(python, python, script, argument.c_str(), static_cast<char*>(nullptr));
            _exit(127);
        }
        close(to[0]);
        close(from[1]);
        ask_ = fdopen(to[1], "w");
        answer_ = fdopen(from[0], "r");
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() {
        if (ask_) fclose(ask_);
        if (answer_) fclose(answer_);
        if (child_ > 0) waitpid(child_, nullptr, 0);
    }
    /// Mean seconds of `repeats` runs of the work `name`; 0 when the peer does not know it.
    double seconds(const std::string& name, int repeats) {
        double value = 0;
        if (!ask_ || std::fprintf(ask_, "%d %s\n", repeats, name.c_str()) < 0 || std::fflush(ask_) != 0) return 0;
        return std::fscanf(answer_, "%lf", &value) == 1 ? value : 0;
    }

private:
    pid_t child_ = -1;
    std::FILE *ask_ = nullptr, *answer_ = nullptr;
};
