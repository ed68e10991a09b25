// Stands in for the allocating functions of this executable and of libds.
#include "count_blocks.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<size_t> large{SIZE_MAX};
std::atomic<int64_t> large_blocks{0};

void count_block(size_t bytes) {
    if (bytes >= large) ++large_blocks;
}

} // namespace

namespace ds::testing {

int64_t large_blocks_of(int64_t bytes, const std::function<void()>& body) {
    large_blocks = 0;
    large = size_t(bytes);
    body();
    large = SIZE_MAX;
    return large_blocks;
}

} // namespace ds::testing

void* operator new(size_t bytes) {
    count_block(bytes);
    if (void* p = std::malloc(bytes ? bytes : 1)) return p;
    throw std::bad_alloc();
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
    count_block(bytes);
    return std::malloc(bytes ? bytes : 1);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

extern "C" void* aligned_alloc(size_t alignment, size_t bytes) {
    count_block(bytes);
    return memalign(alignment, bytes);
}

extern "C" int posix_memalign(void** out, size_t alignment, size_t bytes) {
    count_block(bytes);
    *out = memalign(alignment, bytes);
    return *out ? 0 : 12; // ENOMEM
}
