#include "data/import/pictures_ahead.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "data/picture/decode.h"

namespace ds {

const DecodedPicture& PicturesAhead::at(size_t i) {
    if (i >= first_ && i < first_ + some_.size()) return some_[i - first_];
    some_.assign(std::min(size_t(threads()) * 8, files_.size() - i), {});
    first_ = i;
    parallel_for(int64_t(some_.size()), 1, [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; ++k) {
            const std::string path = files_[i + size_t(k)].path.string();
            DecodedPicture& one = some_[size_t(k)];
            try { // an exception may not leave a thread
                one.bytes = read_file(path, largest_picture_file);
                one.image = read_picture(std::as_bytes(std::span(one.bytes)), path, rule_, height_, width_);
            } catch (...) {
                one.error = std::current_exception();
            }
        }
    });
    return some_[0];
}

void FileNames::add(const PictureFile& file) {
    names_ += file.name;
    lengths_.push_back(int64_t(file.name.size()));
}

void FileNames::write(DataFileWriter& writer) const {
    writer.append_ragged(writer.add_column({"file", DType::u8, {}, true, "id", {}, {}}),
                         std::as_bytes(std::span(names_)), lengths_);
}

PictureRule rule_for(const ImageOptions& options, const std::vector<PictureFile>& files) {
    PictureRule rule;
    std::vector<std::filesystem::path> paths;
    for (const PictureFile& file : files) paths.push_back(file.path);
    rule.resize = options.height > 0 ? options.resize : ResizeRule::none;
    rule.channels = options.channels > 0 ? options.channels : channels_of(paths);
    rule.background = options.background;
    return rule;
}

void leave_out(const std::exception_ptr& error, const ImportRequest& request) {
    try {
        std::rethrow_exception(error);
    } catch (const Error& e) {
        if (!request.skip_bad || e.code() != Exit::data) throw;
        log::warning(fmt::format("left out {}", e.what()));
    }
}

} // namespace ds
