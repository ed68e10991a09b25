#include "train/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/json.h"

namespace ds {
namespace {

/// The step of a line; -1 for the line that ends a run.
int64_t step_of(std::string_view line, const std::string& source) {
    try {
        const Json json = Json::parse(line, source);
        return json.contains("step") || !json.contains("end") ? json.get<int64_t>("step") : -1;
    } catch (const Error&) {
        fail(Exit::data, "{}: not a log of ds-train, which would go on in it; name another file for --log", source);
    }
}

/// A last line that was cut anywhere, of those that on_step, on_validation and on_end write.
bool begins_as_ours(std::string_view line) {
    for (const std::string_view begin : {"{\"step\":", "{\"end\":"})
        if (line.starts_with(begin) || begin.starts_with(line)) return true;
    return false;
}

} // namespace

size_t kept_length(std::string_view text, int64_t step, const std::string& source) {
    size_t kept = text.rfind('\n') == text.npos ? 0 : text.rfind('\n') + 1;
    if (kept < text.size() && !begins_as_ours(text.substr(kept))) step_of("", source); // refused
    // Steps ascend, so the last lines are the ones to look at. The line of an end goes with the step before it.
    for (size_t end = kept; end > 0;) {
        const size_t before = end > 1 ? text.rfind('\n', end - 2) : text.npos;
        const size_t begin = before == text.npos ? 0 : before + 1;
        const int64_t found = step_of(text.substr(begin, end - 1 - begin), source);
        if (found > step) kept = begin;
        else if (found >= 0) break;
        end = begin;
    }
    return kept;
}

LogFile::LogFile(std::string path, std::optional<int64_t> resumed) : path_(std::move(path)) {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (resumed ? O_APPEND : O_TRUNC), 0666);
    if (fd_ < 0)
        fail(errno == EACCES ? Exit::permission : Exit::cannot_create, "cannot create {}: {}", path_,
             std::strerror(errno));
    try {
        if (resumed) drop_after(*resumed);
    } catch (...) {
        ::close(fd_);
        throw;
    }
}

LogFile::~LogFile() {
    if (fd_ >= 0) ::close(fd_); // after another error, which is the one to tell
}

void LogFile::drop_after(int64_t step) {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) fail_io(errno);
    if (!S_ISREG(info.st_mode) || info.st_size == 0) return;
    const size_t kept = kept_length(read_file(path_), step, path_);
    if (int64_t(kept) < info.st_size && ::ftruncate(fd_, off_t(kept)) != 0) fail_io(errno);
}

void LogFile::write(std::string_view line) {
    while (!line.empty()) {
        const ssize_t n = ::write(fd_, line.data(), line.size());
        if (n < 0 && errno != EINTR) fail_io(errno);
        if (n > 0) line.remove_prefix(size_t(n));
    }
}

void LogFile::close() {
    if (fd_ >= 0 && ::close(std::exchange(fd_, -1)) != 0) fail_io(errno);
}

void LogFile::fail_io(int error) const { fail(Exit::io, "cannot write {}: {}", path_, std::strerror(error)); }

} // namespace ds
