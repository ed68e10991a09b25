// A folder of pictures: with a folder for each class, or without classes. Twice over the files: their heads say whether
// the data set is in colour, then handfuls of pictures are decoded on all threads and written in order.
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "data/import/import.h"
#include "data/import/picture_column.h"
#include "data/import/picture_files.h"
#include "data/import/pictures_ahead.h"
#include "data/picture/decode.h"
#include "io/history.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

struct Tree {
    std::vector<PictureFile> files;   // in order; called by the names of their class and their own
    std::vector<int32_t> class_of;    // of each file; empty: there are no classes
    std::vector<std::string> classes; // their names
};

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

void add_class(const fs::path& folder, Tree& tree) {
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

Tree find_pictures(const fs::path& root) {
    if (!fs::is_directory(root))
        fail(fs::exists(root) ? Exit::data : Exit::no_input, "{}: import images takes a folder of pictures",
             root.string());
    Tree tree;
    std::vector<PictureFile> beside;
    for (const fs::path& entry : sorted_entries(root))
        if (fs::is_directory(entry)) add_class(entry, tree);
        else if (!is_hidden(entry)) beside.push_back({entry, entry.filename().string()});
    if (!tree.files.empty() && !beside.empty())
        log::warning(
            fmt::format("left out {} files beside the folders of classes in {}", beside.size(), root.string()));
    if (tree.files.empty() && beside.empty()) fail(Exit::data, "{}: there are no images in it", root.string());
    if (tree.files.empty()) tree.files = std::move(beside);
    return tree;
}

/// The data file as it grows.
class ImageWriter {
public:
    ImageWriter(const ImportRequest& request, const PictureRule& rule, bool keep_encoded)
        : request_(request), writer_(request.output), pictures_(writer_, rule, keep_encoded) {}

    /// Takes the picture or, where that is asked for, leaves it out. `label`: its class; < 0: none.
    void take(const PictureFile& file, int32_t label, const DecodedPicture& decoded) {
        add_file(hasher_, file.name, decoded.bytes);
        try {
            if (decoded.error) std::rethrow_exception(decoded.error);
            pictures_.append(decoded.image, decoded.bytes, file.path.string());
            names_.add(file);
            if (label >= 0) classes_.push_back(label);
        } catch (const Error&) {
            leave_out(std::current_exception(), request_);
            ++summary_.skipped;
        }
    }

    ImportSummary finish(std::vector<std::string> labels) {
        if (names_.rows() == 0) fail(Exit::data, "{}: no image could be read", request_.inputs[0]);
        drop_unused(labels);
        if (!labels.empty())
            writer_.append(writer_.add_column({"label", DType::i32, {}, false, "target", std::move(labels), {}}),
                           std::as_bytes(std::span(classes_)));
        names_.write(writer_);
        MetaWriter meta;
        pictures_.tell(meta);
        writer_.set_meta(meta.json());
        writer_.set_history(
            {import_record(request_, {{folder_name(request_.inputs[0]), to_hex(hasher_.finish()), ""}})});
        writer_.commit();
        summary_.samples = names_.rows();
        return summary_;
    }

private:
    /// A class of which every picture was left out is none.
    void drop_unused(std::vector<std::string>& labels) {
        std::vector<int32_t> number(labels.size(), -1);
        for (int32_t c : classes_) number[size_t(c)] = 0;
        std::vector<std::string> used;
        for (size_t c = 0; c < labels.size(); ++c) {
            if (number[c] < 0) {
                log::warning(fmt::format("{} is no class: none of its pictures could be read", labels[c]));
                continue;
            }
            number[c] = int32_t(used.size());
            used.push_back(labels[c]);
        }
        for (int32_t& c : classes_) c = number[size_t(c)];
        labels = std::move(used);
    }

    const ImportRequest& request_;
    DataFileWriter writer_;
    PictureColumn pictures_;
    FileNames names_;
    TreeHasher hasher_; // of every file's name and content, in order
    std::vector<int32_t> classes_;
    ImportSummary summary_;
};

} // namespace

ImportSummary import_images(const ImportRequest& request, const ImageOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import images takes one folder");
    if (!options.masks.empty()) return import_masks(request, options);
    if (!options.table.empty()) return import_picture_table(request, options);
    Tree tree = find_pictures(request.inputs[0]);
    if (tree.classes.empty())
        log::info(
            fmt::format("{} has no folders of classes: its pictures have no labels (--table has some, and --masks)",
                        request.inputs[0]));
    const PictureRule rule = rule_for(options, tree.files);
    ImageWriter writer(request, rule, options.keep_encoded);
    PicturesAhead pictures(std::move(tree.files), rule, options);
    const size_t count = pictures.files().size();
    Progress progress("importing", int64_t(count), "images");
    for (size_t i = 0; i < count; ++i) {
        progress.update(int64_t(i));
        writer.take(pictures.files()[i], tree.class_of.empty() ? -1 : tree.class_of[i], pictures.at(i));
    }
    progress.finish();
    return writer.finish(std::move(tree.classes));
}

namespace {

std::string digest_of(const std::vector<PictureFile>& files) {
    TreeHasher hasher;
    for (const PictureFile& file : files)
        add_file(hasher, file.name, read_file(file.path.string(), largest_picture_file));
    return to_hex(hasher.finish());
}

} // namespace

bool is_folder_of(const std::string& folder, const std::string& digest) {
    try {
        if (digest_of(find_pictures(folder).files) == digest) return true;
    } catch (const Error& error) {
        if (error.code() != Exit::data) throw; // no pictures are in it, say
    }
    return digest_of(pictures_below(folder)) == digest; // whose subfolders are no classes
}

} // namespace ds
