// SHA-256 is OpenSSL's, which uses the CPU's SHA instructions where there are any.
#include "base/digest.h"

#include <algorithm>
#include <openssl/sha.h>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"

namespace ds {
namespace {

constexpr size_t chunk_size = size_t{1} << 20;
constexpr size_t buffered_chunks = 16; // gathered before they are hashed side by side
constexpr std::string_view tree_tag = "ds-tree-1";

/// Appends the digests of all chunks of `bytes`; only the last may be short.
void append_chunk_digests(std::span<const std::byte> bytes, std::vector<Digest>& digests) {
    const size_t first = digests.size(), n = (bytes.size() + chunk_size - 1) / chunk_size;
    digests.resize(first + n);
    parallel_for(int64_t(n), 1, [&](int64_t begin, int64_t end) {
        for (size_t i = size_t(begin); i < size_t(end); ++i)
            digests[first + i] =
                sha256(bytes.subspan(i * chunk_size, std::min(chunk_size, bytes.size() - i * chunk_size)));
    });
}

Digest root_digest(uint64_t length, const std::vector<Digest>& digests) {
    std::vector<std::byte> text;
    text.reserve(tree_tag.size() + 8 + digests.size() * sizeof(Digest));
    for (const char c : tree_tag) text.push_back(std::byte(c));
    for (int i = 0; i < 8; ++i) text.push_back(std::byte(length >> (8 * i) & 0xff));
    for (const Digest& digest : digests)
        for (const uint8_t value : digest) text.push_back(std::byte(value));
    return sha256(text);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

} // namespace

Digest sha256(std::span<const std::byte> bytes) {
    Digest digest;
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return digest;
}

Digest tree_digest(std::span<const std::byte> bytes) {
    std::vector<Digest> digests;
    append_chunk_digests(bytes, digests);
    return root_digest(bytes.size(), digests);
}

std::string to_hex(const Digest& digest) {
    std::string text;
    for (const uint8_t value : digest) text += fmt::format("{:02x}", value);
    return text;
}

Digest digest_from_hex(std::string_view hex) {
    Digest digest{};
    bool good = hex.size() == 2 * digest.size();
    for (size_t i = 0; good && i < digest.size(); ++i) {
        const int high = hex_value(hex[2 * i]), low = hex_value(hex[2 * i + 1]);
        good = high >= 0 && low >= 0;
        digest[i] = uint8_t(high * 16 + low);
    }
    if (!good) fail(Exit::data, "'{}' is no digest; 64 hex digits are needed", hex.substr(0, 80));
    return digest;
}

struct TreeHasher::Impl {
    uint64_t length = 0;
    std::vector<std::byte> pending; // less than buffered_chunks chunks
    std::vector<Digest> digests;
};

TreeHasher::TreeHasher() : impl_(std::make_unique<Impl>()) {}
TreeHasher::~TreeHasher() = default;
TreeHasher::TreeHasher(TreeHasher&&) noexcept = default;

void TreeHasher::update(std::span<const std::byte> bytes) {
    constexpr size_t room = buffered_chunks * chunk_size;
    impl_->length += bytes.size();
    while (!bytes.empty()) {
        auto& pending = impl_->pending;
        if (pending.empty() && bytes.size() >= room) { // long pieces are hashed where they lie
            const size_t whole = bytes.size() / chunk_size * chunk_size;
            append_chunk_digests(bytes.first(whole), impl_->digests);
            bytes = bytes.subspan(whole);
            continue;
        }
        const size_t taken = std::min(bytes.size(), room - pending.size());
        pending.insert(pending.end(), bytes.begin(), bytes.begin() + std::ptrdiff_t(taken));
        bytes = bytes.subspan(taken);
        if (pending.size() == room) {
            append_chunk_digests(pending, impl_->digests);
            pending.clear();
        }
    }
}

Digest TreeHasher::finish() {
    append_chunk_digests(impl_->pending, impl_->digests);
    impl_->pending.clear();
    return root_digest(impl_->length, impl_->digests);
}

} // namespace ds
