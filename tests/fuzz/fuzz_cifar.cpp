// Any bytes as a CIFAR batch.
#include "import_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::fuzz::import_files(ds::import_cifar, {{data, size}});
    return 0;
}
