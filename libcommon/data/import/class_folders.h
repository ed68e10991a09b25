// A folder with a folder of files for each class, or of files alone, as importers of pictures and of texts take it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/import/import.h"
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

/// The same of a folder with the folders train and val or test (valid and validation are val), of which train has
/// folders of classes, numbered over all of them. A split without folders of classes is left out, which is told, as
/// files beside them are. Of any other folder class_folders: folders of files are classes, whatever they are called.
/// Error(data) for two folders of one split, and for one without files.
ClassFolders split_folders(const std::string& root, const FolderWords& words);

/// Of each split the rows, "" being those of none.
using RowsOfSplits = std::map<std::string, std::vector<int64_t>>;
/// Statistics are gathered of these rows alone.
inline bool is_learned_from(const std::string& split) { return split.empty() || split == "train"; }
/// Writes splits, where there are some, and that statistics are of train. Error(data) when nothing of train was read.
void write_splits(const RowsOfSplits& splits, const std::string& root, const FolderWords& words, DataFileWriter& writer,
                  MetaWriter& meta);

/// A class of which every file was left out is none: its name goes, and the others' numbers change.
void drop_unused_classes(std::vector<std::string>& names, std::vector<int32_t>& classes, const FolderWords& words);

} // namespace ds
