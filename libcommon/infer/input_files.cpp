#include "infer/input_files.h"

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"

namespace ds {
namespace {

constexpr size_t longest_list = size_t{1} << 30; // bytes

/// True for what a folder holds as a file; a link that leads nowhere is one that cannot be read.
bool is_file(const std::filesystem::directory_entry& entry) {
    std::error_code ignored;
    const auto type = entry.status(ignored).type();
    if (type == std::filesystem::file_type::regular || type == std::filesystem::file_type::not_found) return true;
    const bool folder = type == std::filesystem::file_type::directory;
    if (folder && !entry.is_symlink(ignored)) return false; // what is in it comes
    log::warning(fmt::format("left out {}: it is {}", entry.path().string(),
                             folder ? "a link to a folder; name it to have what is in it"
                                    : "no file but a pipe, a socket or a device"));
    return false;
}

bool is_hidden(const std::filesystem::path& path) { return path.filename().string().starts_with('.'); }

} // namespace

std::vector<std::string> listed_files(const std::string& list) {
    const std::string text = read_file(list, longest_list);
    const bool by_nul = text.find('\0') != std::string::npos;
    std::vector<std::string> files;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find(by_nul ? '\0' : '\n', at), text.size());
        std::string name = text.substr(at, end - at);
        if (!by_nul && name.ends_with('\r')) name.pop_back();
        if (name == "-") fail(Exit::data, "{}: a list names files; - is stdin", input_name(list));
        if (!name.empty()) files.push_back(std::move(name));
        at = end + 1;
    }
    return files;
}

std::vector<std::string> files_below(const std::string& folder) {
    namespace fs = std::filesystem;
    std::vector<std::string> files;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (is_hidden(at->path())) {
            at.disable_recursion_pending();
            continue;
        }
        if (is_file(*at)) files.push_back(at->path().string());
    }
    if (error)
        fail(error == std::errc::permission_denied ? Exit::permission : Exit::no_input, "{}: cannot be read: {}",
             folder, error.message());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace ds
