#include "data/batch/workers.h"

#include <algorithm>

namespace ds {

Workers::Workers(int count) : errors_(size_t(std::max(count, 1))) {
    for (int worker = 1; worker < count; ++worker) threads_.emplace_back([this, worker] { stand_by(worker); });
}

Workers::~Workers() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    begin_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Workers::do_part(int worker) {
    const int64_t begin = n_ * worker / count(), end = n_ * (worker + 1) / count();
    errors_[size_t(worker)] = nullptr;
    try {
        if (begin < end) (*work_)(begin, end, worker);
    } catch (...) {
        errors_[size_t(worker)] = std::current_exception();
    }
}

void Workers::stand_by(int worker) {
    int64_t seen = 0;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            begin_.wait(lock, [&] { return stop_ || round_ != seen; });
            if (stop_) return;
            seen = round_;
        }
        do_part(worker);
        const std::lock_guard lock(mutex_);
        if (--busy_ == 0) done_.notify_one();
    }
}

void Workers::run(int64_t n, const std::function<void(int64_t, int64_t, int)>& work) {
    {
        const std::lock_guard lock(mutex_);
        work_ = &work;
        n_ = n;
        busy_ = int(threads_.size());
        ++round_;
    }
    begin_.notify_all();
    do_part(0);
    {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return busy_ == 0; });
    }
    for (const std::exception_ptr& error : errors_)
        if (error) std::rethrow_exception(error);
}

int default_workers(int threads) { return std::clamp(threads / 2, 1, 8); }

} // namespace ds
