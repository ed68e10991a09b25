// Any bytes as YAML: an Error or a tree, and what quote() writes reads back.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "base/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const ds::Yaml root = ds::Yaml::parse(text, "fuzz");
        if (!root.is_scalar()) return 0;
        const ds::Yaml back = ds::Yaml::parse("[" + ds::Yaml::quote(root.as_string()) + "]", "quoted");
        if (back.items().at(0).as_string() != root.as_string()) std::abort();
    } catch (const ds::Error&) {}
    return 0;
}
