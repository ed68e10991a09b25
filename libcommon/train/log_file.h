// The log of a training run as a file of JSON lines. Each line is written when it is told, so that the file is true at
// any time, also after a kill.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ds {

class LogFile {
public:
    /// Makes the file anew. With `resumed` a regular file is gone on with instead: its lines of later steps, which the
    /// run will make again, and a last line that was cut short are dropped. Errors: 73, 77; 65 when what is there is
    /// not such a log.
    LogFile(std::string path, std::optional<int64_t> resumed);
    ~LogFile();
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    void write(std::string_view line); // Error(io)
    void close();                      // Error(io): some file systems tell only now that a write failed

private:
    void drop_after(int64_t step);
    [[noreturn]] void fail_io(int error) const;

    std::string path_;
    int fd_ = -1;
};

/// How many bytes of a log's text are worth keeping by a run that goes on after `step`. Error(data) naming `source`.
size_t kept_length(std::string_view text, int64_t step, const std::string& source);

} // namespace ds
