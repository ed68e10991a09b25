// ZIP archives, read: members that are stored or deflated, of any size (ZIP64), as their central directory lists them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "io/seal/source.h"

namespace ds {

struct ZipMember {
    std::string name;
    uint64_t size = 0, packed = 0; // bytes as they come out, and as they lie in the archive
    uint64_t offset = 0;           // of its local header
    uint32_t checksum = 0;         // CRC-32 of what comes out
    uint16_t method = 0;           // 0: stored, 8: deflated
};

/// Whether a file begins as archives do (an empty one has no members, and is none).
bool looks_like_zip(std::string_view head);

/// The members in the order of the directory. Error(data) naming `source` for what is no archive, and for a member that
/// is encrypted, packed in another way, or lies elsewhere than in the file.
std::vector<ZipMember> zip_members(const Source& source);

/// The bytes of one member, one after another.
class ZipReader {
public:
    ZipReader(const Source& source, const ZipMember& member); // both must live as long
    ~ZipReader();
    ZipReader(const ZipReader&) = delete;
    ZipReader& operator=(const ZipReader&) = delete;
    /// Fills all of `to`, or as much as there is. Error(data) for packed bytes that are damaged, and at the end where
    /// size or checksum is not the stated one.
    size_t read(std::span<std::byte> to);

private:
    struct Inflater;
    size_t read_packed(std::span<std::byte> to);
    size_t inflate_into(std::span<std::byte> to);
    [[noreturn]] void refuse(const std::string& why) const;

    const Source& source_;
    const ZipMember& member_;
    uint64_t at_ = 0, end_ = 0; // of the source
    uint64_t given_ = 0;        // bytes that came out
    uint32_t checksum_ = 0;
    std::vector<std::byte> buffer_;
    std::unique_ptr<Inflater> inflater_; // null: the member is stored
};

} // namespace ds
