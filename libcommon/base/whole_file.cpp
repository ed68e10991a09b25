// Whole files in one call: read_file, write_file, base_name of base/atomic_file.h.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/error.h"

namespace ds {
namespace {

struct Descriptor {
    int fd;
    ~Descriptor() {
        if (fd != STDIN_FILENO) ::close(fd);
    }
};

int open_input(const std::string& path) {
    if (path == "-") return STDIN_FILENO;
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd >= 0) return fd;
    const int error = errno;
    if (error == ENOENT || error == ENOTDIR) fail(Exit::no_input, "{}: there is no such file", path);
    if (error == EACCES || error == EPERM) fail(Exit::permission, "{}: may not be read; check its permissions", path);
    fail(Exit::no_input, "{}: cannot be opened: {}", path, std::strerror(error));
}

} // namespace

namespace {

void write_content(const std::string& path, std::span<const std::byte> bytes, Content content) {
    AtomicFile file(path, content);
    file.write(bytes);
    file.commit();
}

} // namespace

void write_file(const std::string& path, std::span<const std::byte> bytes) {
    write_content(path, bytes, Content::whole);
}

void write_file(const std::string& path, std::string_view text) {
    write_content(path, std::as_bytes(std::span(text)), Content::text);
}

std::string read_file(const std::string& path, size_t limit) {
    const Descriptor input{open_input(path)};
    const std::string name = input_name(path);
    struct stat status {};
    if (::fstat(input.fd, &status) == 0 && S_ISDIR(status.st_mode))
        fail(Exit::data, "{}: is a folder, not a file", name);

    // The size that stat tells is only a first guess: pipes have none, and files may grow.
    constexpr size_t piece = size_t{1} << 16;
    std::string text;
    size_t length = 0;
    for (;;) {
        if (text.size() - length < piece) {
            const size_t expected = S_ISREG(status.st_mode) ? size_t(status.st_size) : 0;
            text.resize(std::max({length * 3 / 2, length + piece, std::min(expected, limit) + piece}));
        }
        const ssize_t n = ::read(input.fd, text.data() + length, text.size() - length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(Exit::io, "{}: reading failed: {}", name, std::strerror(errno));
        if (n == 0) break;
        length += size_t(n);
        if (length > limit) fail(Exit::data, "{}: is larger than the {} bytes that are allowed here", name, limit);
    }
    text.resize(length);
    return text;
}

std::string input_name(const std::string& path) { return path == "-" ? "stdin" : path; }

std::string base_name(const std::string& path) {
    if (path == "-") return "stdin";
    const size_t end = path.find_last_not_of('/');
    if (end == std::string::npos) return path;
    const size_t slash = path.find_last_of('/', end);
    return path.substr(slash + 1, end - slash); // npos + 1 is 0: no slash at all
}

} // namespace ds
