// A folder with a folder of files for each class, or of files alone, as importers of pictures and of texts take it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/import/picture_files.h"

namespace ds {

struct ClassFolders {
    std::vector<PictureFile> files;    // in order; called by the names of their folders and their own
    std::vector<int32_t> class_of;     // of each file; empty: there are no classes
    std::vector<std::string> classes;  // their names
    std::vector<std::string> split_of; // of each file; empty: there are no splits
};

/// What messages call an import and its files: "images", "pictures".
struct FolderWords {
    const char *import, *files;
};

/// Classes in the order of their names. Hidden folders and those without a file are no classes; what is left out is
/// told (log). Error(data, no_input) for what is no folder, and for one without files.
ClassFolders class_folders(const std::string& root, const FolderWords& words);

/// The same of a folder with folders train, val and test (valid and validation are val) that have folders of classes
/// alone, numbered over all of them. Without files for any other folder: folders of files are classes, whatever they
/// are called. Error(data) for two folders of one split, and for one without files.
ClassFolders split_folders(const std::string& root, const FolderWords& words);

/// A class of which every file was left out is none: its name goes, and the others' numbers change.
void drop_unused_classes(std::vector<std::string>& names, std::vector<int32_t>& classes, const FolderWords& words);

} // namespace ds
