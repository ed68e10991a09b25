#include "run/numbered_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <map>

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

bool NumberedFiles::link(const std::string& file, const std::string& name) {
    ::unlink(name.c_str());
    return ::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

void NumberedFiles::keep_last(int64_t count, int64_t step) const {
    const fs::path file(file_);
    std::map<int64_t, fs::path> found;
    std::error_code trouble; // a folder that cannot be read loses nothing: its files stay
    for (const fs::directory_entry& entry :
         fs::directory_iterator(file.has_parent_path() ? file.parent_path() : fs::path("."), trouble)) {
        const int64_t number =
            number_in(entry.path().filename().string(), file.stem().string() + "-step", file.extension().string());
        if (number >= 0 && number <= step) found[number] = entry.path();
    }
    while (int64_t(found.size()) > count) {
        fs::remove(found.begin()->second, trouble);
        found.erase(found.begin());
    }
}

} // namespace ds
