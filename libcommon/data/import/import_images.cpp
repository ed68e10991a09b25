// A folder of pictures: with a folder for each class, or without classes; or with folders of splits that have folders
// of classes. Twice over the files: their heads say whether the data set is in colour, then handfuls of pictures are
// decoded on all threads and written in order.
#include <map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "data/import/class_folders.h"
#include "data/import/import.h"
#include "data/import/picture_column.h"
#include "data/import/picture_files.h"
#include "data/import/pictures_ahead.h"
#include "data/picture/decode.h"
#include "io/history.h"

namespace ds {
namespace {

constexpr FolderWords words{"images", "pictures"};

/// The data file as it grows.
class ImageWriter {
public:
    ImageWriter(const ImportRequest& request, const PictureRule& rule, bool keep_encoded)
        : request_(request), writer_(request.output), pictures_(writer_, rule, keep_encoded) {}

    /// Takes the picture or, where that is asked for, leaves it out. `label`: its class; < 0: none. `split`: "": none;
    /// with splits, the statistics are of train.
    void take(const PictureFile& file, int32_t label, const std::string& split, const DecodedPicture& decoded) {
        add_file(hasher_, file.name, decoded.bytes);
        try {
            if (decoded.error) std::rethrow_exception(decoded.error);
            pictures_.append(decoded.image, decoded.bytes, file.path.string(), is_learned_from(split));
            splits_[split].push_back(names_.rows());
            names_.add(file);
            if (label >= 0) classes_.push_back(label);
        } catch (const Error&) {
            leave_out(std::current_exception(), request_);
            ++summary_.skipped;
        }
    }

    ImportSummary finish(std::vector<std::string> labels) {
        if (names_.rows() == 0) fail(Exit::data, "{}: no image could be read", request_.inputs[0]);
        drop_unused_classes(labels, classes_, words);
        if (!labels.empty())
            writer_.append(writer_.add_column({"label", DType::i32, {}, false, "target", std::move(labels), {}}),
                           std::as_bytes(std::span(classes_)));
        names_.write(writer_);
        MetaWriter meta;
        pictures_.tell(meta);
        write_splits(splits_, request_.inputs[0], words, writer_, meta);
        writer_.set_meta(meta.json());
        writer_.set_history(
            {import_record(request_, {{folder_name(request_.inputs[0]), to_hex(hasher_.finish()), ""}})});
        writer_.commit();
        summary_.samples = names_.rows();
        return summary_;
    }

private:
    const ImportRequest& request_;
    DataFileWriter writer_;
    PictureColumn pictures_;
    FileNames names_;
    TreeHasher hasher_; // of every file's name and content, in order
    std::vector<int32_t> classes_;
    RowsOfSplits splits_;
    ImportSummary summary_;
};

} // namespace

ImportSummary import_images(const ImportRequest& request, const ImageOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import images takes one folder");
    if (!options.masks.empty()) return import_masks(request, options);
    if (!options.table.empty()) return import_picture_table(request, options);
    ClassFolders tree = split_folders(request.inputs[0], words);
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
        writer.take(pictures.files()[i], tree.class_of.empty() ? -1 : tree.class_of[i],
                    tree.split_of.empty() ? "" : tree.split_of[i], pictures.at(i));
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
        if (digest_of(class_folders(folder, words).files) == digest) return true;
    } catch (const Error& error) {
        if (error.code() != Exit::data) throw; // no pictures are in it, say
    }
    return digest_of(pictures_below(folder)) == digest; // whose subfolders are no classes
}

} // namespace ds
