#include "data/gzip.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace ds {

GzipReader::GzipReader(const std::string& path) : path_(path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail(errno == EACCES ? Exit::permission : Exit::no_input, "cannot open {}: {}", path, std::strerror(errno));
    struct stat info {};
    if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
        ::close(fd);
        fail(Exit::data, "{}: is a folder, not a file", path);
    }
    file_ = gzdopen(fd, "rb");
    if (!file_) {
        ::close(fd);
        fail(Exit::io, "cannot read {}", path);
    }
    gzbuffer(static_cast<gzFile>(file_), 1 << 18);
}

GzipReader::~GzipReader() { gzclose_r(static_cast<gzFile>(file_)); }

size_t GzipReader::read(std::span<std::byte> to) {
    size_t done = 0;
    while (done < to.size()) {
        const unsigned want = unsigned(std::min<size_t>(to.size() - done, 1 << 24));
        const int got = gzread(static_cast<gzFile>(file_), to.data() + done, want);
        if (got < 0) {
            int code = 0;
            gzerror(static_cast<gzFile>(file_), &code); // its text names a descriptor
            if (code == Z_ERRNO) fail(Exit::io, "{}: {}", path_, std::strerror(errno));
            fail(Exit::data, "{}: its compressed data is damaged (zlib's error {})", path_, code);
        }
        if (got == 0) break;
        done += size_t(got);
    }
    return done;
}

} // namespace ds
