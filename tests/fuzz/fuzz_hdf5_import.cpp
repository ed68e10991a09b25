// Any bytes as an HDF5 file of another program: an Error, or a data file that is whole, of a dataset of numbers and one
// of texts. HDF5 runs in a child, so what it makes of the bytes is no matter; what the parent makes of the child's
// words is.
#include "import_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    for (const ds::ArrayNames& options : {ds::ArrayNames{{"x"}, {"y"}, "key"}, ds::ArrayNames{{"key", "g/z"}, {}, ""}})
        ds::fuzz::import_files([&](const ds::ImportRequest& request) { return ds::import_h5(request, options); },
                               {{data, size}});
    return 0;
}
