#include "data/import/picture_files.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "data/picture/decode.h"

namespace ds {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

std::vector<fs::path> sorted_entries(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) entries.push_back(entry.path());
    if (error) fail(Exit::no_input, "cannot read the folder {}: {}", folder.string(), error.message());
    std::sort(entries.begin(), entries.end());
    return entries;
}

namespace {

void add_below(const fs::path& folder, const std::string& prefix, std::vector<PictureFile>& files) {
    for (const fs::path& entry : sorted_entries(folder)) {
        if (is_hidden(entry)) continue;
        const std::string name = prefix + entry.filename().string();
        if (fs::is_directory(entry)) add_below(entry, name + "/", files);
        else if (fs::is_regular_file(entry)) files.push_back({entry, name});
    }
}

} // namespace

std::vector<PictureFile> pictures_below(const std::string& folder) {
    if (!fs::is_directory(folder))
        fail(fs::exists(folder) ? Exit::data : Exit::no_input, "{}: {} folder", folder,
             fs::exists(folder) ? "not a" : "there is no such");
    std::vector<PictureFile> files;
    add_below(folder, "", files);
    if (files.empty()) fail(Exit::data, "{}: there are no files in this folder", folder);
    return files;
}

std::string folder_name(const std::string& folder) {
    std::string name = fs::path(folder).lexically_normal().string();
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    return base_name(name);
}

int64_t channels_of(const std::vector<fs::path>& files) {
    for (const fs::path& file : files) {
        const std::string bytes = read_file(file.string(), largest_picture_file);
        try {
            if (!stores_colour(std::as_bytes(std::span(bytes)), file.string())) continue;
        } catch (const Error&) {
            continue;
        }
        log::info(fmt::format("colour: rgb, for {} is stored in colour; --color grey makes all pictures grey",
                              file.string()));
        return 3;
    }
    log::info(
        fmt::format("colour: grey, for none of the {} pictures is stored in colour; --color rgb makes three channels",
                    files.size()));
    return 1;
}

void add_file(TreeHasher& hasher, const std::string& name, const std::string& bytes) {
    const std::string line = name + "\n";
    hasher.update(std::as_bytes(std::span(line)));
    hasher.update(std::as_bytes(std::span(bytes)));
}

} // namespace ds
