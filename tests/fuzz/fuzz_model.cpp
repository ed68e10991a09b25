// Any bytes as a model file: an Error, or a graph that prints and parses back.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "graph/text.h"
#include "model/model_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::ModelRequest request;
    request.data = {{"image", "image", {3, 16, 16}, 0, false},
                    {"age", "number", {}, 0, false},
                    {"user", "category", {}, 7, false},
                    {"label", "target", {}, 10, true}};
    try {
        const ds::Yaml file = ds::Yaml::parse({reinterpret_cast<const char*>(data), size}, "fuzz");
        const ds::BuiltModel built = ds::build_model(file, "fuzz", request);
        const std::string written = ds::text(built.graph);
        if (ds::text(ds::parse_graph(written, "printed")) != written) std::abort();
    } catch (const ds::Error& error) {
        if (error.code() == ds::Exit::bug) std::abort();
    }
    return 0;
}
