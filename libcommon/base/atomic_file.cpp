#include "base/atomic_file.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <optional>
#include <signal.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/error.h"
#include "base/escape.h"
#include "base/signals.h"
#include "base/temporaries.h"
#include "base/utf8.h"

namespace ds {
namespace {

constexpr const char* marker = ".ds-tmp-"; // .NAME.ds-tmp-PID-COUNT

std::string folder_of(const std::string& path) {
    const size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string absolute(const std::string& path) {
    if (path.starts_with('/')) return path;
    char here[PATH_MAX];
    if (!::getcwd(here, sizeof here))
        fail(Exit::cannot_create, "{}: the current folder is gone; change to one that exists", path);
    return std::string(here) + "/" + path;
}

/// N of /dev/fd/N and its other names, for files that only the open descriptor reaches.
std::optional<int> descriptor_number(const std::string& path) {
    if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const char* prefix : {"/dev/fd/", "/proc/self/fd/"})
        if (path.starts_with(prefix)) {
            int number = -1;
            const char* last = path.data() + path.size();
            const auto [end, error] = std::from_chars(path.data() + std::strlen(prefix), last, number);
            return error == std::errc{} && end == last ? number : -1; // -1 is no open file, and is refused as such
        }
    return std::nullopt;
}

/// One of the kernel's own names for an open file, which is written where it stands and never replaced.
bool names_open_file(const std::string& path) { return descriptor_number(path) || path.starts_with("/proc/"); }

/// Follows symbolic links, also one that points to a file that is not there yet, up to a file's own name
/// or a name of an open file.
std::string follow_links(const std::string& path) {
    std::string at = absolute(path);
    for (int step = 0; step < 40; ++step) {
        if (names_open_file(at)) return at;
        char link[PATH_MAX];
        const ssize_t n = ::readlink(at.c_str(), link, sizeof link - 1);
        if (n < 0) return at;
        const std::string to(link, size_t(n));
        at = to.starts_with('/') ? to : folder_of(at) + "/" + to;
    }
    fail(Exit::cannot_create, "{}: symbolic links that lead in a circle; name a file", path);
}

/// The start of every temporary's name for this target; long names are cut to stay below NAME_MAX.
std::string temporary_prefix(const std::string& target) { return "." + base_name(target).substr(0, 200) + marker; }

bool lock(int fd) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(fd, F_OFD_SETLK, &whole) == 0;
}

/// Removes temporaries for the same target whose writer is dead: its process is gone here, and nobody
/// on another machine of a shared file system holds the lock.
void sweep(const std::string& folder, const std::string& prefix) {
    DIR* dir = ::opendir(folder.c_str());
    if (!dir) return;
    while (const dirent* entry = ::readdir(dir)) {
        const std::string name = entry->d_name;
        if (!name.starts_with(prefix)) continue;
        const long pid = std::strtol(name.c_str() + prefix.size(), nullptr, 10);
        if (pid <= 0 || ::kill(pid_t(pid), 0) == 0 || errno != ESRCH) continue;
        const int fd = ::openat(::dirfd(dir), name.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0) continue;
        if (lock(fd)) ::unlinkat(::dirfd(dir), name.c_str(), 0);
        ::close(fd);
    }
    ::closedir(dir);
}

/// Opens what is written where it stands. A FIFO waits for its reader, but no longer than a second once the
/// process was asked to stop.
int open_for_reader(const std::string& place) {
    using namespace std::chrono_literals;
    for (auto patience = 1s + 0ms; patience > 0ms;) {
        const int fd = ::open(place.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd >= 0) ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
        if (fd >= 0 || errno != ENXIO) return fd;
        std::this_thread::sleep_for(10ms);
        if (signals::stop_requested()) patience -= 10ms;
    }
    fail(Exit::io, "{}: nobody reads it", place);
}

[[noreturn]] void fail_to_create(const std::string& path, int error) {
    const std::string folder = folder_of(path);
    if (error == ENOENT || error == ENOTDIR)
        fail(Exit::cannot_create, "{}: there is no folder {}; make it first", path, folder);
    if (error == EACCES || error == EPERM || error == EROFS)
        fail(Exit::cannot_create, "{}: no file can be made in folder {} ({}); choose another", path, folder,
             std::strerror(error));
    fail(Exit::cannot_create, "{}: cannot be created: {}", path, std::strerror(error));
}

} // namespace

AtomicFile::AtomicFile(std::string path, Content content) : path_(std::move(path)), content_(content) { open(); }

void AtomicFile::open() {
    if (path_.empty()) fail(Exit::cannot_create, "the output has an empty name; name a file");
    if (descriptor_number(path_)) return open_direct(path_);
    struct stat status {};
    const bool exists = ::stat(path_.c_str(), &status) == 0;
    if ((exists && S_ISDIR(status.st_mode)) || path_.ends_with('/'))
        fail(Exit::cannot_create, "{}: is a folder; name a file in it", path_);
    if (exists && !S_ISREG(status.st_mode)) return open_direct(path_);
    const std::string target = follow_links(path_);
    if (names_open_file(target)) return open_direct(target);
    if (exists && ::faccessat(AT_FDCWD, path_.c_str(), W_OK, AT_EACCESS) != 0)
        fail(Exit::permission, "{}: the existing file is write-protected; remove it or choose another name", path_);
    open_temporary(target);
    if (exists && ::fchmod(fd_, status.st_mode & 07777) != 0) fail_io("setting the mode", errno);
}

void AtomicFile::open_direct(const std::string& place) {
    const std::optional<int> number = descriptor_number(place);
    fd_ = number ? ::fcntl(*number, F_DUPFD_CLOEXEC, 3) : open_for_reader(place);
    if (fd_ < 0) fail(Exit::cannot_create, "{}: cannot be opened for writing: {}", path_, std::strerror(errno));
    on_terminal_ = ::isatty(fd_) == 1;
}

void AtomicFile::open_temporary(const std::string& target) {
    target_ = target;
    const std::string folder = folder_of(target), prefix = temporary_prefix(target);
    sweep(folder, prefix);
    for (int count = 0; fd_ < 0; ++count) {
        temporary_ = fmt::format("{}/{}{}-{:04}", folder, prefix, ::getpid(), count);
        fd_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd_ < 0 && errno != EEXIST) fail_to_create(path_, errno);
    }
    slot_ = register_temporary(temporary_);
    lock(fd_); // a file system without locks is no reason to refuse: the process number guards too
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
    if (fd_ >= 0) ::close(fd_);
    if (fd_ >= 0 && !temporary_.empty()) ::unlink(temporary_.c_str());
    forget_temporary(slot_);
    fd_ = slot_ = -1;
}

void AtomicFile::fail_io(const char* doing, int error) {
    discard();
    const char* kept = temporary_.empty() ? "" : "; nothing was changed";
    fail(Exit::io, "{}: {} failed: {}{}", path_ == "-" ? "stdout" : path_, doing, std::strerror(error), kept);
}

void check_output(const std::string& path) {
    if (path == "-") return;
    struct stat status {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return;
    const AtomicFile probe(path);
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    if (!on_terminal_) return write_all(bytes);
    unfinished_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); // a character may come in pieces
    show(unfinished_.size() - open_utf8(unfinished_));
}

void AtomicFile::show(size_t length) {
    const std::string shown = visible_lines(std::string_view(unfinished_).substr(0, length));
    unfinished_.erase(0, length);
    write_all(std::as_bytes(std::span(shown)));
}

void AtomicFile::write_all(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EPIPE && content_ == Content::text) throw ReaderGone{};
        if (n <= 0) fail_io("writing", n < 0 ? errno : ENOSPC);
        bytes = bytes.subspan(size_t(n));
    }
}

void AtomicFile::commit() {
    const bool direct = temporary_.empty();
    show(unfinished_.size());
    if (!direct && ::fsync(fd_) != 0) fail_io("writing to the disk", errno);
    if (!direct && ::rename(temporary_.c_str(), target_.c_str()) != 0)
        fail_io("putting the finished file in its place", errno);
    forget_temporary(slot_);
    slot_ = -1;
    temporary_.clear(); // from here on the file is in its place
    const int fd = fd_;
    fd_ = -1;
    if (::close(fd) != 0 && errno != EINTR) fail_io("closing", errno);
    if (direct) return;
    // The name is safe only when the folder is on the disk; some file systems cannot flush a folder.
    const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    const int error = ::fsync(folder) == 0 ? 0 : errno;
    ::close(folder);
    if (error == EIO) fail_io("the file is in its place, but writing its folder to the disk", error);
}

} // namespace ds
