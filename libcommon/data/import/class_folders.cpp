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

std::vector<fs::path> folders_in(const fs::path& folder) {
    std::vector<fs::path> folders;
    for (const fs::path& entry : sorted_entries(folder))
        if (!is_hidden(entry) && fs::is_directory(entry)) folders.push_back(entry);
    return folders;
}

/// The folders of splits; none where some folder is not one, or train has no folders of classes.
std::vector<fs::path> folders_of_splits(const fs::path& root, const FolderWords& words) {
    std::vector<fs::path> folders, without;
    bool has_train = false;
    for (const fs::path& entry : folders_in(root)) {
        const std::string split = split_of(entry);
        if (split.empty()) return {};
        const bool has_classes = !folders_in(entry).empty();
        has_train = has_train || (split == "train" && has_classes);
        (has_classes ? folders : without).push_back(entry);
    }
    if (!has_train) return {};
    for (const fs::path& folder : without)
        log::warning(fmt::format("left out {}: it has no folders of classes, by which its {} would be known",
                                 folder.string(), words.files));
    return folders;
}

/// The classes of a split; files beside their folders are told, not taken.
ClassFolders classes_in(const fs::path& folder, const FolderWords& words) {
    ClassFolders own;
    for (const fs::path& entry : folders_in(folder)) add_class(entry, own);
    const auto beside = std::ranges::count_if(
        sorted_entries(folder), [](const fs::path& entry) { return !is_hidden(entry) && !fs::is_directory(entry); });
    if (beside > 0)
        log::warning(fmt::format("left out {} files beside the folders of classes in {}", beside, folder.string()));
    if (own.files.empty()) fail(Exit::data, "{}: there are no {} in it", folder.string(), words.files);
    return own;
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
    const std::vector<fs::path> folders =
        fs::is_directory(root) ? folders_of_splits(root, words) : std::vector<fs::path>{};
    if (folders.empty()) return class_folders(root, words);
    for (const fs::path& folder : folders) {
        ClassFolders own = classes_in(folder, words);
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

void write_splits(const RowsOfSplits& splits, const std::string& root, const FolderWords& words, DataFileWriter& writer,
                  MetaWriter& meta) {
    if (splits.empty() || splits.begin()->first.empty()) return;
    const auto train = splits.find("train");
    if (train == splits.end()) fail(Exit::data, "{}: none of the {} of train could be read", root, words.files);
    std::string told;
    for (const auto& [name, rows] : splits) {
        writer.set_split(name, rows);
        told += fmt::format("{}{} {}", told.empty() ? "" : ", ", name, rows.size());
    }
    meta.set_split("train", std::ssize(train->second));
    log::info(fmt::format("splits: {}", told));
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
    if (tree.files.empty() && beside.empty()) fail(Exit::data, "{}: there are no {} in it", root.string(), words.files);
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
