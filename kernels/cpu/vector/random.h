// What a dropout mask depends on, besides the sample and the element.
#pragma once

#include <cstdint>

namespace ds::kernels::cpu {

struct MaskKey {
    uint32_t seed[2]; // low half first
    uint32_t step, stream;
};

} // namespace ds::kernels::cpu
