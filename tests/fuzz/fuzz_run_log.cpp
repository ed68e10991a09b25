// Logs of training runs, as ds-plot reads them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "report/run_log.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    try {
        ds::parse_run_log({reinterpret_cast<const char*>(data), size}, "fuzz");
    } catch (const ds::Error&) {}
    return 0;
}
