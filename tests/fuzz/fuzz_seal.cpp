// Any bytes as a model file: as they are (sealed or not), and with the digests put right, so that what lies behind
// them is reached: the fields of the seal, the table of payloads, the HDF5 structure.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/sealed/sealed_file.h"

namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

void open(const std::string& text, bool allow_unsealed) {
    try {
        const auto all = bytes_of(text);
        const ds::SealedReader reader(ds::Source("fuzz", {all.begin(), all.end()}), allow_unsealed);
        reader.verify();
    } catch (const ds::Error&) {}
}

// The digests of seal, metadata and payloads as they ought to be, where the fields allow it.
std::string put_right(std::string text) {
    namespace seal = ds::seal;
    constexpr size_t digested = seal::block_size - 70;
    const auto seal_again = [&] {
        const std::string line = "seal " + ds::to_hex(ds::sha256(bytes_of(text).first(digested))) + "\n";
        text.replace(digested, line.size(), line);
    };
    text.resize(std::max(text.size(), seal::block_size));
    seal_again();
    try {
        seal::Block block = seal::parse_block(bytes_of(text), "fuzz");
        block.length = text.size();
        if (block.payload_end >= seal::payload_begin && block.payload_end <= text.size())
            block.metadata = seal::digest_of_metadata(
                bytes_of(text).subspan(seal::block_size, seal::payload_begin - seal::block_size),
                bytes_of(text).subspan(block.payload_end));
        text.replace(0, seal::block_size, seal::write_block(block));
    } catch (const ds::Error&) {}
    return text;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    open(text, false);
    open(text, true);
    open(put_right(text), false);
    return 0;
}
