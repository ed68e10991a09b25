// Any bytes as a condition on rows: an Error, or one whose text reads back as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "data/edit/condition.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::Condition condition;
    try {
        condition = ds::parse_condition({reinterpret_cast<const char*>(data), size});
    } catch (const ds::Error& error) {
        if (error.code() != ds::Exit::usage) std::abort();
        return 0;
    }
    try {
        if (!(ds::parse_condition(ds::text(condition)) == condition)) std::abort();
    } catch (const ds::Error&) { // the parentheses of its text may nest too deeply
        if (size < 60) std::abort();
    }
    return 0;
}
