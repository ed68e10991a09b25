// A folder of folders of pictures. Twice over the files: their heads say whether the data set is in colour, then
// handfuls of pictures are decoded on all threads and written in order.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <optional>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "data/import/import.h"
#include "data/import/picture_column.h"
#include "data/import/picture_files.h"
#include "data/picture/decode.h"
#include "io/history.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

struct Found {
    fs::path path;
    int32_t label;
};

struct Tree {
    std::vector<Found> files; // in order
    std::vector<std::string> labels;
};

/// What became of one file: its bytes, and an image or an error.
struct Decoded {
    std::string bytes;
    Image image;
    std::exception_ptr error;
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

Tree find_pictures(const fs::path& root) {
    if (!fs::is_directory(root))
        fail(fs::exists(root) ? Exit::data : Exit::no_input,
             "{}: import images takes a folder with a folder for each class", root.string());
    Tree tree;
    int64_t outside = 0;
    for (const fs::path& folder : sorted_entries(root)) {
        if (!fs::is_directory(folder)) {
            outside += !is_hidden(folder);
            continue;
        }
        const std::vector<fs::path> files = is_hidden(folder) ? std::vector<fs::path>{} : files_of(folder);
        if (files.empty())
            log::info(fmt::format("the folder {} is no class: it is {}", folder.string(),
                                  is_hidden(folder) ? "hidden" : "empty"));
        else tree.labels.push_back(folder.filename().string());
        for (const fs::path& file : files) tree.files.push_back({file, int32_t(tree.labels.size()) - 1});
    }
    if (outside > 0)
        log::warning(fmt::format("left out {} files beside the folders of classes in {}", outside, root.string()));
    if (tree.files.empty()) fail(Exit::data, "{}: no images in folders of classes", root.string());
    return tree;
}

Decoded decode(const Found& file, const PictureRule& rule, const ImageOptions& options) {
    Decoded out;
    try { // an exception may not leave a thread
        out.bytes = read_file(file.path.string(), largest_picture_file);
        out.image =
            read_picture(std::as_bytes(std::span(out.bytes)), file.path.string(), rule, options.height, options.width);
    } catch (...) {
        out.error = std::current_exception();
    }
    return out;
}

/// A picture's name in its folder: that of its class, and its own.
std::string name_of(const Found& file) {
    return file.path.parent_path().filename().string() + "/" + file.path.filename().string();
}

void hash_file(TreeHasher& hasher, const Found& file, const std::string& bytes) {
    add_file(hasher, name_of(file), bytes);
}

std::vector<fs::path> paths_of(const std::vector<Found>& files) {
    std::vector<fs::path> paths;
    for (const Found& file : files) paths.push_back(file.path);
    return paths;
}

/// The data file as it grows.
class ImageWriter {
public:
    ImageWriter(const ImportRequest& request, const PictureRule& rule, bool keep_encoded)
        : request_(request), writer_(request.output), pictures_(writer_, rule, keep_encoded) {}

    /// Takes the picture or, where that is asked for, leaves it out.
    void take(const Found& file, const Decoded& decoded) {
        hash_file(hasher_, file, decoded.bytes);
        try {
            if (decoded.error) std::rethrow_exception(decoded.error);
            append(file, decoded);
        } catch (const Error& error) {
            if (!request_.skip_bad || error.code() != Exit::data) throw;
            log::warning(fmt::format("left out {}", error.what()));
            ++summary_.skipped;
        }
    }

    ImportSummary finish(std::vector<std::string> labels) {
        if (classes_.empty()) fail(Exit::data, "{}: no image could be read", request_.inputs[0]);
        drop_unused(labels);
        writer_.append(writer_.add_column({"label", DType::i32, {}, false, "target", std::move(labels), {}}),
                       std::as_bytes(std::span(classes_)));
        writer_.append_ragged(writer_.add_column({"file", DType::u8, {}, true, "id", {}, {}}),
                              std::as_bytes(std::span(names_)), lengths_);
        MetaWriter meta;
        pictures_.tell(meta);
        writer_.set_meta(meta.json());
        const std::string folder = base_name(fs::path(request_.inputs[0]).lexically_normal().string());
        writer_.set_history({import_record(request_, {{folder, to_hex(hasher_.finish()), ""}})});
        writer_.commit();
        summary_.samples = int64_t(classes_.size());
        return summary_;
    }

private:
    void append(const Found& file, const Decoded& decoded) {
        pictures_.append(decoded.image, decoded.bytes, file.path.string());
        const std::string name = name_of(file);
        names_ += name;
        lengths_.push_back(int64_t(name.size()));
        classes_.push_back(file.label);
    }
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
    TreeHasher hasher_; // of every file's name and content, in order
    std::vector<int32_t> classes_;
    std::string names_;            // of the files, one after another
    std::vector<int64_t> lengths_; // of each name
    ImportSummary summary_;
};

} // namespace

ImportSummary import_images(const ImportRequest& request, const ImageOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import images takes one folder");
    if (!options.masks.empty()) return import_masks(request, options);
    const Tree tree = find_pictures(request.inputs[0]);
    PictureRule rule;
    rule.resize = options.height > 0 ? options.resize : ResizeRule::none;
    rule.channels = options.channels > 0 ? options.channels : channels_of(paths_of(tree.files));
    rule.background = options.background;
    ImageWriter writer(request, rule, options.keep_encoded);
    Progress progress("importing", int64_t(tree.files.size()), "images");
    std::vector<Decoded> some(size_t(threads()) * 8);
    for (size_t at = 0; at < tree.files.size(); at += some.size()) {
        progress.update(int64_t(at));
        const size_t n = std::min(some.size(), tree.files.size() - at);
        parallel_for(int64_t(n), 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) some[size_t(i)] = decode(tree.files[at + size_t(i)], rule, options);
        });
        for (size_t i = 0; i < n; ++i) writer.take(tree.files[at + i], some[i]);
    }
    progress.finish();
    return writer.finish(tree.labels);
}

namespace {

std::string class_digest(const std::string& folder) {
    TreeHasher hasher;
    for (const Found& file : find_pictures(folder).files)
        hash_file(hasher, file, read_file(file.path.string(), largest_picture_file));
    return to_hex(hasher.finish());
}

/// Of a folder whose subfolders are no classes.
std::string tree_digest(const std::string& folder) {
    TreeHasher hasher;
    for (const PictureFile& file : pictures_below(folder))
        add_file(hasher, file.name, read_file(file.path.string(), largest_picture_file));
    return to_hex(hasher.finish());
}

} // namespace

bool is_folder_of(const std::string& folder, const std::string& digest) {
    try {
        if (class_digest(folder) == digest) return true;
    } catch (const Error& error) {
        if (error.code() != Exit::data) throw; // no folders of classes are in it, say
    }
    return tree_digest(folder) == digest;
}

} // namespace ds
