// Any bytes as the two IDX files of a data set, plain or gzipped. The first byte says, in 255ths, where one ends.
#include "import_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    const std::span<const uint8_t> rest(data + 1, size - 1);
    const size_t border = rest.size() * data[0] / 255;
    ds::fuzz::import_files(ds::import_idx, {rest.first(border), rest.subspan(border)});
    return 0;
}
