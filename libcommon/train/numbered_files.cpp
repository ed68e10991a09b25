#include "train/numbered_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>

#include <fmt/format.h>

namespace ds {
namespace {

namespace fs = std::filesystem;

/// The N of "PREFIXnnnnnnSUFFIX", or -1.
int64_t number_in(const std::string& name, const std::string& prefix, const std::string& suffix) {
    if (name.size() < prefix.size() + 6 + suffix.size()) return -1;
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) return -1;
    int64_t number = -1;
    const char* last = name.data() + name.size() - suffix.size();
    const auto [end, error] = std::from_chars(name.data() + prefix.size(), last, number);
    return error == std::errc{} && end == last ? number : -1;
}

} // namespace

std::string NumberedFiles::path(int64_t step) const {
    const fs::path file(file_);
    const std::string name = fmt::format("{}-step{:06}{}", file.stem().string(), step, file.extension().string());
    return (file.parent_path() / name).string();
}

int64_t NumberedFiles::step_of(const std::string& path) const {
    const fs::path file(file_), other(path);
    std::error_code ignored;
    if (fs::weakly_canonical(fs::absolute(file).parent_path(), ignored) !=
        fs::weakly_canonical(fs::absolute(other).parent_path(), ignored))
        return -1;
    return number_in(other.filename().string(), file.stem().string() + "-step", file.extension().string());
}

void NumberedFiles::take_over(int64_t step, const std::function<bool(const std::string&)>& ours) {
    const fs::path file(file_);
    std::error_code trouble; // a folder that cannot be read loses nothing: its files stay
    for (const fs::directory_entry& entry :
         fs::directory_iterator(file.has_parent_path() ? file.parent_path() : fs::path("."), trouble)) {
        const int64_t number = step_of(entry.path().string());
        if (number >= 0 && number <= step && ours(entry.path().string())) made_.insert(number);
    }
}

bool NumberedFiles::link(int64_t step) {
    const std::string name = path(step);
    ::unlink(name.c_str());
    return ::linkat(AT_FDCWD, file_.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

void NumberedFiles::keep_last(int64_t count, int64_t step) {
    made_.insert(step);
    std::error_code trouble;
    for (; int64_t(made_.size()) > count; made_.erase(made_.begin())) fs::remove(path(*made_.begin()), trouble);
}

} // namespace ds
