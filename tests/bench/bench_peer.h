// A Python process beside a benchmark: it reads one request a line and answers each with seconds. There is none
// where $DS_BENCH_PYTHON is not set; benchmarks leave its columns empty then.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/error.h"

namespace ds::bench {

class Peer {
public:
    Peer(const std::string& script, int threads) {
        const char* python = std::getenv("DS_BENCH_PYTHON");
        if (!python || !*python) return;
        int to[2], from[2];
        if (pipe(to) != 0 || pipe(from) != 0) fail(Exit::io, "no pipe to {}", python);
        process_ = fork();
        if (process_ == 0) {
            dup2(to[0], STDIN_FILENO);
            dup2(from[1], STDOUT_FILENO);
            for (int fd : {to[0], to[1], from[0], from[1]}) close(fd);
            execl(python, python, "-u", script.c_str(), std::to_string(threads).c_str(), nullptr);
            _exit(127);
        }
        close(to[0]);
        close(from[1]);
        requests_ = fdopen(to[1], "w");
        answers_ = fdopen(from[0], "r");
    }
    ~Peer() {
        if (!requests_) return;
        std::fclose(requests_); // it ends with its input
        std::fclose(answers_);
        waitpid(process_, nullptr, 0);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    explicit operator bool() const { return requests_ != nullptr; }

    /// Seconds of one run of what `request` names.
    double ask(const std::string& request) {
        std::fprintf(requests_, "%s\n", request.c_str());
        std::fflush(requests_);
        double seconds = 0;
        if (std::fscanf(answers_, "%lf", &seconds) != 1) fail(Exit::unavailable, "the peer gave no answer to '{}'", request);
        return seconds;
    }

private:
    pid_t process_ = -1;
    FILE *requests_ = nullptr, *answers_ = nullptr;
};

} // namespace ds::bench
