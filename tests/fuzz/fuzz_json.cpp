// Any bytes as JSON: an Error or a document, and what dump() writes reads back as the same document.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const ds::Json document = ds::Json::parse(text, "fuzz");
        if (!(ds::Json::parse(document.dump(2), "dumped") == document)) std::abort();
    } catch (const ds::Error&) {}
    return 0;
}
