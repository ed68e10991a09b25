// Content digests: SHA-256 (OpenSSL), and a chunked tree over it that hashes in parallel:
// digest = SHA256("ds-tree-1" || length as 8 bytes LE || SHA256(chunk 0) || SHA256(chunk 1) || ...), chunks of 1 MiB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ds {

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::span<const std::byte> bytes);
Digest tree_digest(std::span<const std::byte> bytes); // on all threads
std::string to_hex(const Digest& digest);
Digest digest_from_hex(std::string_view hex); // Error(data) when it is not 64 hex digits

/// The tree digest of bytes that arrive in pieces.
class TreeHasher {
public:
    TreeHasher();
    ~TreeHasher();
    TreeHasher(TreeHasher&&) noexcept;
    void update(std::span<const std::byte> bytes);
    Digest finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace ds
