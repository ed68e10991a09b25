// Any bytes as a SVMlight file: an Error, or rows; and its import, with labels as numbers and as classes.
#include <cstdint>

#include "import_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::fuzz::import_files([](const ds::ImportRequest& request) { return ds::import_svmlight(request); },
                           {{data, size}});
    ds::fuzz::import_files(
        [](const ds::ImportRequest& request) {
            return ds::import_svmlight(request, {{"label"}, 9});
        },
        {{data, size}});
    return 0;
}
