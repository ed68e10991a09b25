#include "plan/need.h"

#include <algorithm>

namespace ds {

void MemoryNeed::add(const Plan& plan, bool other_weights) {
    arena = std::max(arena, plan.arena_bytes);
    constants += plan.constant_bytes;
    for (size_t i = 0; i < plan.slots.size(); ++i)
        if (slots_.insert(plan.slots[i]).second) state += bytes(plan.slot_types[i]);
    for (const PackedSlot& p : plan.packed)
        if (packed_.insert((other_weights ? "other " : "") + plan.slots[size_t(p.slot)] + " " + p.key).second)
            constants += p.bytes;
}

} // namespace ds
