// Lists of picture files on their way into a data file: decoded ahead on all threads, and told by their names.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "data/import/import.h"
#include "data/import/picture_files.h"
#include "data/picture/image.h"

namespace ds {

/// One file: its bytes, and its picture or why there is none.
struct DecodedPicture {
    std::string bytes;
    Image image;
    std::exception_ptr error;
};

/// A list of pictures that are taken in order, a handful decoded at a time.
class PicturesAhead {
public:
    PicturesAhead(std::vector<PictureFile> files, const PictureRule& rule, const ImageOptions& options)
        : files_(std::move(files)), rule_(rule), height_(options.height), width_(options.width) {}
    const std::vector<PictureFile>& files() const { return files_; }
    /// Of file i; valid until another one is asked for.
    const DecodedPicture& at(size_t i);

private:
    std::vector<PictureFile> files_;
    PictureRule rule_;
    int64_t height_, width_;
    std::vector<DecodedPicture> some_; // from file first_ on
    size_t first_ = 0;
};

/// What the pictures are called: the column `file`.
class FileNames {
public:
    void add(const PictureFile& file);
    int64_t rows() const { return int64_t(lengths_.size()); }
    void write(DataFileWriter& writer) const;

private:
    std::string names_;            // one after another
    std::vector<int64_t> lengths_; // of each
};

/// The rule of an import of these files; says what they decide (log).
PictureRule rule_for(const ImageOptions& options, const std::vector<PictureFile>& files);
/// With skip_bad, tells that a file is left out because of this error (of its data); else throws it.
void leave_out(const std::exception_ptr& error, const ImportRequest& request);

} // namespace ds
