// A loop over chunks of files on all threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "base/parallel.h"

namespace ds {

/// Calls body(i) for i in [0, n), begun in order of i; the first failure ends the loop and is thrown here.
template <class Body>
void for_each_chunk(size_t n, const Body& body) {
    std::atomic<size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    parallel_for(int64_t(std::min<size_t>(n, size_t(threads()))), 1, [&](int64_t, int64_t) {
        try {
            for (size_t i; (i = next.fetch_add(1)) < n;) body(i);
        } catch (...) {
            next = n;
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
        }
    });
    if (failure) std::rethrow_exception(failure);
}

} // namespace ds
