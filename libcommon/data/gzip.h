// Reads files that may be gzipped as a stream of bytes (zlib).
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ds {

class GzipReader {
public:
    explicit GzipReader(const std::string& path); // Errors: 66, 77, 65 a folder
    ~GzipReader();
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;
    /// Fills all of `to`, or as much as there is; Error(data) when the compressed stream is damaged.
    size_t read(std::span<std::byte> to);

private:
    std::string path_;
    void* file_ = nullptr;
};

} // namespace ds
