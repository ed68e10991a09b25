#include "data/import/class_folders.h"

#include <algorithm>
#include <map>

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

/// What the folder of a split is called in the data file; "" for the name of another folder.
std::string split_of(const fs::path& folder) {
    const std::string name = folder.filename().string();
    if (name == "valid" || name == "validation") return "val";
    return name == "train" || name == "val" || name == "test" ? name : "";
}

bool has_folders_alone(const fs::path& folder) {
    bool any = false;
    for (const fs::path& entry : sorted_entries(folder)) {
        if (is_hidden(entry)) continue;
        if (!fs::is_directory(entry)) return false;
        any = true;
    }
    return any;
}

/// The folders of splits; none where some folder is not one, or none of them is train.
std::vector<fs::path> folders_of_splits(const fs::path& root) {
    std::vector<fs::path> folders;
    bool has_train = false;
    for (const fs::path& entry : sorted_entries(root)) {
        if (is_hidden(entry) || !fs::is_directory(entry)) continue;
        if (split_of(entry).empty() || !has_folders_alone(entry)) return {};
        has_train = has_train || split_of(entry) == "train";
        folders.push_back(entry);
    }
    return has_train ? folders : std::vector<fs::path>{};
}

/// Adds a split's files; `numbers`: of all classes.
void add_split(const fs::path& folder, const ClassFolders& own, const std::map<std::string, int32_t>& numbers,
               ClassFolders& all) {
    for (size_t i = 0; i < own.files.size(); ++i) {
        all.files.push_back({own.files[i].path, folder.filename().string() + "/" + own.files[i].name});
        all.class_of.push_back(numbers.at(own.classes[size_t(own.class_of[i])]));
        all.split_of.push_back(split_of(folder));
    }
}

} // namespace

ClassFolders split_folders(const std::string& root, const FolderWords& words) {
    ClassFolders all;
    std::map<std::string, int32_t> numbers;
    std::map<std::string, std::pair<fs::path, ClassFolders>> splits;
    const std::vector<fs::path> folders = fs::is_directory(root) ? folders_of_splits(root) : std::vector<fs::path>{};
    for (const fs::path& folder : folders) {
        ClassFolders own;
        for (const fs::path& entry : sorted_entries(folder)) add_class(entry, own);
        if (own.files.empty()) fail(Exit::data, "{}: there are no {} in it", folder.string(), words.import);
        for (const std::string& name : own.classes) numbers[name] = 0;
        const auto [other, is_new] = splits.try_emplace(split_of(folder), folder, std::move(own));
        if (!is_new)
            fail(Exit::data, "{} and {} are both the split {}; rename one", other->second.first.string(),
                 folder.string(), split_of(folder));
    }
    for (auto& [name, number] : numbers) {
        number = int32_t(all.classes.size());
        all.classes.push_back(name);
        const auto train = splits.find("train");
        if (std::ranges::count(train->second.second.classes, name) == 0)
            log::warning(fmt::format("the class {} has no {} in {}", name, words.files, train->second.first.string()));
    }
    for (const fs::path& folder : folders) add_split(folder, splits.at(split_of(folder)).second, numbers, all);
    return all;
}

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
