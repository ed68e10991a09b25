// Outputs that are whole or absent: a temporary sibling is written, flushed, renamed over the
// target, and the folder flushed. The temporary is removed when anything fails or the process is
// signalled; leftovers of killed processes beside the same target are swept on the next write.
//
// A symbolic link is written through: its final target is replaced, the link stays. What cannot be
// replaced (a terminal, pipe, FIFO, /dev/null, /dev/stdout, /dev/fd/N) is written directly, to a terminal with its
// control characters written out. A new file
// has the mode that the umask gives; a replaced one keeps its mode. Not thread-safe: one owner.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ds {

/// Thrown when text is written to a pipe whose reader is gone; cli::run ends the tool with 0. Not an Error: nobody else
/// catches it.
struct ReaderGone {};

enum class Content : bool { whole, text }; // a part of a text is of use; of a model or an array it is not

class AtomicFile {
public:
    /// Opens the temporary beside `path`; "-" is stdout. Errors: 73 (folder missing or not writable,
    /// `path` is a folder), 77 (an existing file that is write-protected).
    explicit AtomicFile(std::string path, Content content = Content::whole);
    ~AtomicFile(); // not committed: removes the temporary
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    int fd() const { return fd_; }
    /// Absolute; empty when the target is written directly.
    const std::string& temporary() const { return temporary_; }
    void write(std::span<const std::byte> bytes); // at the current position; Error(io), for a text ReaderGone
    void commit();                                // fsync, rename, fsync of the folder; Error(io)

private:
    void open();
    void open_direct(const std::string& place);
    void open_temporary(const std::string& target);
    void write_all(std::span<const std::byte> bytes);
    void show(size_t length); // of what waits, made fit for a terminal
    void discard() noexcept;
    [[noreturn]] void fail_io(const char* doing, int error); // removes the temporary first

    std::string path_; // as the user wrote it, for messages
    Content content_;
    std::string target_;       // absolute, links followed: what is replaced
    std::string temporary_;    // absolute
    bool on_terminal_ = false; // what is written is for eyes: see base/escape.h
    std::string unfinished_;   // a character that has not come whole
    int fd_ = -1;
    int slot_ = -1; // among the temporaries that a signal removes
};

/// Error as AtomicFile gives it when no file could be made at `path` now; nothing is changed. What is written directly
/// is not opened, because a FIFO would wait for its reader.
void check_output(const std::string& path);

/// Writes text or bytes atomically; "-" means stdout. Errors and ReaderGone as AtomicFile gives them.
void write_file(const std::string& path, std::span<const std::byte> bytes);
void write_file(const std::string& path, std::string_view text);

/// Reads a whole file, pipe or FIFO; "-" means stdin. Errors: 66 missing, 77 unreadable, 65 a folder or
/// larger than `limit` bytes, 74 a read that fails midway.
std::string read_file(const std::string& path, size_t limit = size_t{1} << 40);

/// What messages call a file: the path as it was given; "-" is "stdin".
std::string input_name(const std::string& path);
/// What files keep of it, which know no folders: its last component; "-" is "stdin".
std::string base_name(const std::string& path);

} // namespace ds
