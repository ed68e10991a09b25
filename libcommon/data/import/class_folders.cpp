#include "data/import/class_folders.h"

#include "base/error.h"
#include "base/log.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

/// The files of a folder; what lies deeper is told, not taken.
std::vector<fs::path> files_of(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const fs::path& entry : sorted_entries(folder)) {
        if (is_hidden(entry)) continue;
        if (fs::is_regular_file(entry)) files.push_back(entry);
        else log::warning(fmt::format("left out {}: within a class only files are taken", entry.string()));
    }
    return files;
}

void add_class(const fs::path& folder, ClassFolders& tree) {
    const std::vector<fs::path> files = is_hidden(folder) ? std::vector<fs::path>{} : files_of(folder);
    if (files.empty())
        return log::info(fmt::format("the folder {} is no class: it is {}", folder.string(),
                                     is_hidden(folder) ? "hidden" : "empty"));
    const std::string name = folder.filename().string();
    tree.classes.push_back(name);
    for (const fs::path& file : files) {
        tree.files.push_back({file, name + "/" + file.filename().string()});
        tree.class_of.push_back(int32_t(tree.classes.size()) - 1);
    }
}

} // namespace

ClassFolders class_folders(const std::string& name, const FolderWords& words) {
    const fs::path root = name;
    if (!fs::is_directory(root))
        fail(fs::exists(root) ? Exit::data : Exit::no_input, "{}: import {} takes a folder of {}", root.string(),
             words.import, words.files);
    ClassFolders tree;
    std::vector<PictureFile> beside;
    for (const fs::path& entry : sorted_entries(root))
        if (fs::is_directory(entry)) add_class(entry, tree);
        else if (!is_hidden(entry)) beside.push_back({entry, entry.filename().string()});
    if (!tree.files.empty() && !beside.empty())
        log::warning(
            fmt::format("left out {} files beside the folders of classes in {}", beside.size(), root.string()));
    if (tree.files.empty() && beside.empty())
        fail(Exit::data, "{}: there are no {} in it", root.string(), words.import);
    if (tree.files.empty()) tree.files = std::move(beside);
    return tree;
}

void drop_unused_classes(std::vector<std::string>& names, std::vector<int32_t>& classes, const FolderWords& words) {
    std::vector<int32_t> number(names.size(), -1);
    for (const int32_t c : classes) number[size_t(c)] = 0;
    std::vector<std::string> used;
    for (size_t c = 0; c < names.size(); ++c) {
        if (number[c] < 0) {
            log::warning(fmt::format("{} is no class: none of its {} could be read", names[c], words.files));
            continue;
        }
        number[c] = int32_t(used.size());
        used.push_back(names[c]);
    }
    for (int32_t& c : classes) c = number[size_t(c)];
    names = std::move(used);
}

} // namespace ds
