#include "base/temporaries.h"

#include <algorithm>
#include <atomic>
#include <climits>
#include <iterator>
#include <unistd.h>

namespace ds {
namespace {

enum class Use : int { none, filling, ready };

struct Slot {
    std::atomic<Use> use{Use::none};
    pid_t owner = 0; // a forked child must not remove its parent's files
    char path[PATH_MAX] = {};
};
static_assert(std::atomic<Use>::is_always_lock_free);

Slot slots[64];

} // namespace

int register_temporary(const std::string& path) noexcept {
    if (path.size() >= PATH_MAX) return -1;
    for (Slot& slot : slots) {
        Use expected = Use::none;
        if (!slot.use.compare_exchange_strong(expected, Use::filling)) continue;
        slot.owner = ::getpid();
        std::copy_n(path.c_str(), path.size() + 1, slot.path);
        slot.use = Use::ready;
        return int(&slot - slots);
    }
    return -1;
}

void forget_temporary(int slot) noexcept {
    if (slot >= 0) slots[slot].use = Use::none;
}

void unlink_temporaries() noexcept {
    const pid_t self = ::getpid();
    for (const Slot& slot : slots)
        if (slot.use == Use::ready && slot.owner == self) ::unlink(slot.path);
}

} // namespace ds
