#include "io/seal/source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "io/seal/seal.h"

namespace ds {

namespace {

constexpr uint64_t unsealed_pipe_limit = uint64_t{4} << 30;

int open_readable(const std::string& path) {
    // Without O_NONBLOCK a FIFO waits for its writer, as it should.
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) return fd;
    const int error = errno;
    if (error == EACCES || error == EPERM)
        fail(Exit::permission, "{}: not readable: {}; change its permissions", path, std::strerror(error));
    if (error == ENOENT || error == ENOTDIR) fail(Exit::no_input, "{}: no such file", path);
    fail(Exit::no_input, "{}: cannot be opened: {}", path, std::strerror(error));
}

} // namespace

Source::Source(const std::string& path, bool allow_unsealed) : name_(input_name(path)) {
    fd_ = path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open_readable(path);
    if (fd_ < 0) fail(Exit::no_input, "stdin: cannot be read: {}", std::strerror(errno));
    try {
        struct stat info {};
        if (fstat(fd_, &info) != 0) fail(Exit::io, "{}: {}", name_, std::strerror(errno));
        if (S_ISDIR(info.st_mode)) fail(Exit::data, "{}: a directory, not a file", name_);
        const bool null = info.st_rdev == makedev(1, 3); // /dev/null is an empty file; other devices may never end
        if (S_ISBLK(info.st_mode) || (S_ISCHR(info.st_mode) && !null && !isatty(fd_)))
            fail(Exit::data, "{}: a device, not a file", name_);
        const bool at_start = path != "-" || lseek(fd_, 0, SEEK_CUR) == 0;
        if (S_ISREG(info.st_mode) && at_start) size_ = uint64_t(info.st_size);
        else read_pipe(allow_unsealed);
    } catch (...) {
        if (fd_ >= 0) close(fd_);
        throw;
    }
}

Source::Source(std::string name, std::vector<std::byte> bytes)
    : name_(std::move(name)), size_(bytes.size()), bytes_(std::move(bytes)) {}

Source::Source(Source&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      bytes_(std::move(other.bytes_)) {}

Source::~Source() {
    if (fd_ >= 0) close(fd_);
}

void Source::read_pipe(bool allow_unsealed) {
    const auto fill = [&](uint64_t target) { // reads until `target` bytes are there, or the end
        while (bytes_.size() < target) {
            const size_t have = bytes_.size(), step = size_t(std::min<uint64_t>(target - have, uint64_t{4} << 20));
            bytes_.resize(have + step);
            const ssize_t n = ::read(fd_, bytes_.data() + have, step);
            bytes_.resize(have + size_t(n > 0 ? n : 0));
            if (n == 0) return;
            if (n < 0 && errno != EINTR) fail(Exit::io, "{}: reading failed: {}", name_, std::strerror(errno));
        }
    };
    fill(seal::block_size);
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
    if (seal::is_sealed(text)) {
        fill(seal::parse_block(bytes_, name_).length + 1);
    } else if (allow_unsealed) {
        fill(unsealed_pipe_limit + 1);
        if (bytes_.size() > unsealed_pipe_limit)
            fail(Exit::data, "{}: more than 4 GiB without a seal; give it as a file", name_);
    }
    size_ = bytes_.size();
    close(std::exchange(fd_, -1));
}

void Source::read(uint64_t offset, std::span<std::byte> out) const {
    if (offset > size_ || out.size() > size_ - offset)
        fail(Exit::data, "{}: cut short: a read beyond its end at byte {}", name_, size_);
    if (fd_ < 0) {
        if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
        return;
    }
    while (!out.empty()) {
        const ssize_t n = pread(fd_, out.data(), out.size(), off_t(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(Exit::io, "{}: reading failed at byte {}: {}", name_, offset, std::strerror(errno));
        if (n == 0) fail(Exit::data, "{}: cut short while it was read, at byte {}", name_, offset);
        out = out.subspan(size_t(n));
        offset += uint64_t(n);
    }
}

std::string Source::head(size_t n) const {
    std::string bytes(size_t(std::min<uint64_t>(n, size_)), '\0');
    read(0, std::as_writable_bytes(std::span(bytes)));
    return bytes;
}

std::vector<std::byte> Source::take(uint64_t limit) {
    if (size_ > limit) fail(Exit::data, "{}: {} bytes, more than {}", name_, size_, limit);
    std::vector<std::byte> all = std::move(bytes_);
    if (fd_ >= 0) {
        all.resize(size_t(size_));
        read(0, all);
    }
    bytes_.clear();
    size_ = 0;
    return all;
}

} // namespace ds
