// Folders of picture files, as importers of pictures take them: which files, whether they are in colour, and the digest
// that the history has of them.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"

namespace ds {

bool is_hidden(const std::filesystem::path& path);
/// Files and folders in the order of their names, so that the same tree gives the same file. Error(no_input).
std::vector<std::filesystem::path> sorted_entries(const std::filesystem::path& folder);

/// A file below a folder, and its path from there.
struct PictureFile {
    std::filesystem::path path;
    std::string name;
    /// The name without its ending.
    std::string stem() const { return name.substr(0, name.size() - path.extension().string().size()); }
};
/// All of them but the hidden ones, in the order of their names. Error(data, no_input) for what is no folder, and for
/// one without files.
std::vector<PictureFile> pictures_below(const std::string& folder);

/// What the history calls a folder, however it was given.
std::string folder_name(const std::string& folder);

/// 3 as soon as one picture stores colour, else 1; says which. Files that are no good are left to the import itself.
int64_t channels_of(const std::vector<std::filesystem::path>& files);

/// A file's part in the digest of its folder: its name there and its content.
void add_file(TreeHasher& hasher, const std::string& name, const std::string& bytes);

} // namespace ds
