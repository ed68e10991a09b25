// Any bytes as a picture whose end is looked for: none, or one within the bytes, which what follows does not move.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "data/picture/picture_end.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const size_t end = ds::picture_end(bytes);
    if (end == std::string::npos) return 0;
    if (end > size || ds::picture_end(bytes + "P5") != end) std::abort();
    return 0;
}
