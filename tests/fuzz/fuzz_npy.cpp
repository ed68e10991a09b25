// Any bytes as a .npy file: an Error, or an array whose shape is that of its bytes and which reads back the same; and
// its import, as rows and as rows with classes.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "data/format/npy.h"
#include "import_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    try {
        const ds::NpyArray array = ds::parse_npy(bytes, "fuzz");
        if (int64_t(array.data.size()) != ds::bytes(array.dtype, array.shape)) std::abort();
        const std::string text = ds::encode_npy(array.dtype, array.shape, array.data);
        const ds::NpyArray again = ds::parse_npy(std::as_bytes(std::span(text)), "fuzz");
        if (again.dtype != array.dtype || again.shape != array.shape) std::abort();
        if (!array.data.empty() && std::memcmp(again.data.data(), array.data.data(), array.data.size()) != 0)
            std::abort();
    } catch (const ds::Error&) {
        return 0;
    }
    const auto import = [](const ds::ImportRequest& request) { return ds::import_npy(request); };
    const auto targets = [](ds::ImportRequest request) {
        const std::string target = request.inputs.back();
        request.inputs.pop_back();
        return ds::import_npy(request, {{}, {target}, "", ""});
    };
    ds::fuzz::import_files(import, {{data, size}});
    ds::fuzz::import_files(import, {{data, size}, {data, size}});
    ds::fuzz::import_files(targets, {{data, size}, {data, size}});
    return 0;
}
