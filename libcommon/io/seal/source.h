// Bytes to read at any offset: a regular file (left on disk), or a pipe, FIFO or "-" (held in memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ds {

class Source {
public:
    /// Opens `path`; "-" is stdin. A pipe is read up to the length that its seal states (one byte more, to see what
    /// was appended), or whole when it is not sealed and `allow_unsealed`. Errors: 66 missing, 77 not readable,
    /// 65 a directory or a device, 74.
    Source(const std::string& path, bool allow_unsealed);
    /// Bytes that are in memory already (tests, fuzzing).
    Source(std::string name, std::vector<std::byte> bytes);
    ~Source();
    Source(Source&& other) noexcept;
    Source& operator=(Source&&) = delete;

    const std::string& name() const { return name_; } // for messages: the path, or "stdin"
    uint64_t size() const { return size_; }
    int fd() const { return fd_; } // -1 when in memory
    /// Fills `out` from `offset`. Error(data) when the file ends before (it shrank), Error(io).
    void read(uint64_t offset, std::span<std::byte> out) const;
    /// The first bytes, at most `n`, as text.
    std::string head(size_t n) const;
    /// All bytes; what is in memory is handed over, and the source is empty then. Error(data) above `limit`.
    std::vector<std::byte> take(uint64_t limit);

private:
    void read_pipe(bool allow_unsealed);
    std::string name_;
    int fd_ = -1;
    uint64_t size_ = 0;
    std::vector<std::byte> bytes_;
};

} // namespace ds
