// Bytes of a source that may be gzipped (zlib), one after another.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "io/seal/source.h"

namespace ds {

class GzipReader {
public:
    explicit GzipReader(const Source& source); // which must live as long
    ~GzipReader();
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;
    /// Fills all of `to`, or as much as there is; Error(data) when the compressed stream is damaged.
    size_t read(std::span<std::byte> to);

private:
    struct Inflater;
    size_t read_plain(std::span<std::byte> to);
    bool refill();
    bool next_member();

    const Source& source_;
    uint64_t at_ = 0; // of the source, read so far
    std::vector<std::byte> buffer_;
    std::unique_ptr<Inflater> inflater_; // null: the source is not compressed
    bool ended_ = false;
};

} // namespace ds
