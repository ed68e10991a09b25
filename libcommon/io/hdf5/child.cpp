// The child sends frames: a kind byte, a length of 8 bytes, the bytes. 'd' data, 'e' an Error (code and
// message), '.' the end; a stream without an end means that the child died.
#include "io/hdf5/child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DS_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DS_SHADOW_MEMORY 1
#endif
#endif

namespace ds {

namespace {

// ---- in the child ----

void limit(__rlimit_resource which, uint64_t value) {
    const rlimit both{rlim_t(value), rlim_t(value)};
    setrlimit(which, &both);
}

// Bytes in use; 0 where /proc does not tell.
[[maybe_unused]] uint64_t address_space() {
    unsigned long pages = 0;
    if (FILE* file = std::fopen("/proc/self/statm", "re")) {
        if (std::fscanf(file, "%lu", &pages) != 1) pages = 0;
        std::fclose(file);
    }
    return uint64_t{pages} * uint64_t(sysconf(_SC_PAGESIZE));
}

void confine(const ChildLimits& limits) {
    // The parent's handlers would remove the parent's temporaries; what a terminal sends is the parent's to answer.
    for (int number = 1; number < 32; ++number) std::signal(number, SIG_DFL);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) std::signal(number, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#ifndef DS_SHADOW_MEMORY // sanitizers reserve terabytes of address space
    if (const uint64_t have = address_space()) limit(RLIMIT_AS, have + limits.memory);
#endif
    limit(RLIMIT_CPU, uint64_t(limits.seconds));
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC); // a crash is reported by the parent, in one line
    if (null >= 0) dup2(null, STDERR_FILENO);
}

bool send(int fd, const char* data, size_t size) {
    while (size > 0) {
        const ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        data += n;
        size -= size_t(n);
    }
    return true;
}

void send_frame(int fd, char kind, std::span<const char> bytes) {
    char head[9] = {kind};
    const uint64_t size = bytes.size();
    std::memcpy(head + 1, &size, 8);
    if (!send(fd, head, sizeof head) || !send(fd, bytes.data(), bytes.size())) _exit(3);
}

[[noreturn]] void be_child(int fd, const std::function<void(const ChildSink&)>& work, const ChildLimits& limits) {
    confine(limits);
    try {
        work([fd](std::span<const char> bytes) { send_frame(fd, 'd', bytes); });
        send_frame(fd, '.', {});
    } catch (const Error& error) {
        const std::string text = char(error.code()) + std::string(error.what());
        send_frame(fd, 'e', text);
    } catch (const std::bad_alloc&) {
        _exit(2);
    } catch (...) {
        _exit(3);
    }
    _exit(0);
}

// ---- in the parent ----

class Child {
public:
    Child(const std::function<void(const ChildSink&)>& work, const ChildLimits& limits, const std::string& what)
        : what_(what), limits_(limits), deadline_(Clock::now() + std::chrono::seconds(10 + 4 * limits.seconds)) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) fail(Exit::try_again, "{}: no pipe: {}", what, std::strerror(errno));
        pid_ = fork();
        if (pid_ == 0) be_child(ends[1], work, limits);
        close(ends[1]);
        fd_ = ends[0];
        if (pid_ < 0) {
            close(fd_);
            fail(Exit::try_again, "{}: no process to check it in: {}", what, std::strerror(errno));
        }
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        close(fd_);
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            reap();
        }
    }

    std::string collect() {
        std::string all;
        while (next(all)) {}
        return all;
    }
    void stream(uint64_t largest, const std::function<void(const std::string&)>& each) {
        largest_ = largest;
        for (std::string frame; next(frame); frame.clear()) each(frame);
    }

private:
    using Clock = std::chrono::steady_clock;

    /// Adds what the child sent at once; false at the end.
    bool next(std::string& to) {
        char head[9];
        if (!receive(head, sizeof head)) give_up();
        uint64_t size;
        std::memcpy(&size, head + 1, 8);
        if (head[0] == '.') return false;
        if (size > limits_.output - std::min(got_, limits_.output) || size > largest_)
            fail(Exit::data, "{}: refused: it unfolds to more than {} bytes", what_,
                 std::min(largest_, limits_.output));
        got_ += size;
        const size_t have = to.size();
        to.resize(have + size);
        if (!receive(to.data() + have, size)) give_up();
        if (head[0] == 'e') throw Error(Exit(uint8_t(to.at(have))), to.substr(have + 1));
        return true;
    }
    bool receive(char* out, size_t size) {
        while (size > 0) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
            pollfd waiting{fd_, POLLIN, 0};
            const int ready = left > 0 ? poll(&waiting, 1, int(left)) : 0;
            if (ready < 0 && errno == EINTR) continue;
            if (ready <= 0) fail(Exit::data, "{}: refused: checking its HDF5 structure takes too long", what_);
            const ssize_t n = read(fd_, out, size);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return false;
            out += n;
            size -= size_t(n);
        }
        return true;
    }

    int reap() {
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
        pid_ = -1;
        return status;
    }

    [[noreturn]] void give_up() {
        const int status = reap();
        if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
            fail(Exit::data, "{}: refused: its HDF5 structure needs too much memory", what_);
        if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
            fail(Exit::data, "{}: refused: checking its HDF5 structure takes too long", what_);
        fail(Exit::data, "{}: refused: its HDF5 structure is damaged (HDF5 crashes on it)", what_);
    }

    std::string what_;
    ChildLimits limits_;
    Clock::time_point deadline_;
    uint64_t got_ = 0, largest_ = UINT64_MAX; // bytes so far, and at once
    pid_t pid_ = -1;
    int fd_ = -1;
};

} // namespace

std::string run_in_child(const std::function<void(const ChildSink&)>& work, const ChildLimits& limits,
                         const std::string& what) {
    return Child(work, limits, what).collect();
}

void stream_from_child(const std::function<void(const ChildSink&)>& work, const ChildLimits& limits,
                       const std::string& what, uint64_t largest, const std::function<void(const std::string&)>& each) {
    Child(work, limits, what).stream(largest, each);
}

} // namespace ds
