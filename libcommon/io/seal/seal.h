// The seal: what proves a file whole before HDF5 opens it. A sealed file is an HDF5 file laid out as
//
//     [0, 512)                    the seal, as text, in HDF5's user block (HDF5 readers skip it)
//     [512, payload_begin)        HDF5's superblock, padded
//     [payload_begin, payload_end) payloads: the raw bytes of the large datasets, each at a multiple of 64,
//                                 zeros between them
//     [payload_end, length)       everything else of HDF5, and in it the datasets /seal/table and /seal/chunks
//
// The seal holds the file's length, the digest of the metadata (all that is neither seal nor payload), the
// digest of the payloads' digests, and a digest of itself. /seal/table names each payload with its place and
// tree digest; /seal/chunks holds the SHA-256 of each MiB of each payload, so that a range can be verified alone.
// So the metadata is verified without a look at the payloads, and a damaged payload is named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace ds::seal {

constexpr size_t block_size = 512;
constexpr uint64_t chunk_size = uint64_t{1} << 20; // that of base/digest's tree
constexpr uint64_t payload_alignment = 64;
constexpr uint64_t payload_begin = 4096;
constexpr int format_major = 1, format_minor = 0;

/// The fields of the 512 bytes. Offsets and lengths count from the start of the file, in bytes.
struct Block {
    int major = format_major, minor = format_minor;
    uint64_t length = 0;      // of the whole file
    uint64_t payload_end = 0; // payloads lie in [payload_begin, payload_end)
    uint64_t table_offset = 0, table_length = 0;
    uint64_t chunks_offset = 0, chunks_length = 0;
    Digest metadata{}, payload{};
};

/// One payload: a dataset's raw bytes.
struct Entry {
    std::string name; // the dataset's path in the file: "/parameters/conv1/weight"
    uint64_t offset = 0, length = 0;
    Digest digest{};            // tree digest of the bytes
    std::vector<Digest> chunks; // SHA-256 of each MiB
};

std::string write_block(const Block& block); // 512 bytes
/// Does the file begin as a sealed one does? (`bytes` may be short.)
bool is_sealed(std::string_view bytes);
/// Error(data) naming the header when a bit is wrong, or saying what to do when the version is newer.
/// `file` is what the message calls the file.
Block parse_block(std::span<const std::byte> bytes, const std::string& file);
/// The same, and checks that it fits a file of `length` bytes.
Block read_block(std::span<const std::byte> bytes, uint64_t length, const std::string& file);
/// The digest of a sealed file as a whole: that of its seal, which holds the digests of everything else.
Digest file_digest(const Block& block);

std::string write_table(const std::vector<Entry>& entries);
std::string write_chunks(const std::vector<Entry>& entries);
/// Reads both back and checks them against the block: order, bounds, alignment, tree digests. Error(data).
std::vector<Entry> read_table(const Block& block, std::string_view table, std::string_view chunks,
                              const std::string& file);

/// The first place for a payload from `offset` on.
uint64_t align(uint64_t offset);
uint64_t chunk_count(uint64_t length);
/// The tree digest from the digests of the chunks; equals ds::tree_digest of the bytes.
Digest tree_of_chunks(std::span<const Digest> chunks, uint64_t length);
Digest digest_of_payloads(const std::vector<Entry>& entries);
/// The digest of the metadata: the bytes between seal and payloads, then those behind the payloads.
Digest digest_of_metadata(std::span<const std::byte> front, std::span<const std::byte> tail);

} // namespace ds::seal
