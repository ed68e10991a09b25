// Outputs that are whole or absent: a temporary sibling is written, flushed, renamed over the
// target, and the folder flushed. The temporary is removed when anything fails or the process is
// signalled; leftovers of killed processes beside the same target are swept on the next write.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ds {

class AtomicFile {
public:
    /// Opens the temporary beside `path`. Errors: 73 (folder missing, read-only), 77 (permission).
    explicit AtomicFile(std::string path);
    ~AtomicFile(); // not committed: removes the temporary
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    int fd() const { return fd_; }
    const std::string& temporary() const { return temporary_; }
    void write(std::span<const std::byte> bytes);                  // at the current position; Error(io)
    void write_at(size_t offset, std::span<const std::byte> bytes); // Error(io)
    void commit();                                                 // fsync, rename, fsync of the folder; Error(io)

private:
    std::string path_, temporary_;
    int fd_ = -1;
};

/// Writes text or bytes atomically; "-" means stdout.
void write_file(const std::string& path, std::span<const std::byte> bytes);
void write_file(const std::string& path, std::string_view text);

/// Reads a whole file, pipe or FIFO; "-" means stdin. Errors: 66 missing, 77 unreadable, 65 a directory or larger than `limit`.
std::string read_file(const std::string& path, size_t limit = size_t{1} << 40);

/// The name a person knows a file by: its last component; "-" is "stdin".
std::string base_name(const std::string& path);

} // namespace ds
