// Threads that stand by to share the rows of a batch: decoding, converting, augmenting. They sleep between batches, as
// OpenMP's do not, and so leave the cores to the computation.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ds {

class Workers {
public:
    /// `count` threads in all; the caller of run is one of them.
    explicit Workers(int count);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    int count() const { return int(threads_.size()) + 1; }
    /// Calls work(begin, end, worker) on ranges that cover [0, n), one for each worker, and waits for all. Rethrows the
    /// exception of the first range that had one.
    void run(int64_t n, const std::function<void(int64_t, int64_t, int)>& work);

private:
    void stand_by(int worker);
    void do_part(int worker);

    std::vector<std::thread> threads_;
    std::vector<std::exception_ptr> errors_; // of each worker
    std::mutex mutex_;
    std::condition_variable begin_, done_;
    const std::function<void(int64_t, int64_t, int)>* work_ = nullptr;
    int64_t n_ = 0, round_ = 0;
    int busy_ = 0;
    bool stop_ = false;
};

/// How many suit a run whose computation has so many threads.
int default_workers(int threads);

} // namespace ds
