#include "data/import/picture_column.h"

#include "base/error.h"
#include "data/picture/kept_files.h"

namespace ds {
namespace {

constexpr const char* image_name = "image";

} // namespace

void PictureColumn::begin(const Image& like) {
    if (column_ >= 0) return;
    height_ = like.height, width_ = like.width;
    const ColumnInfo pixels{image_name, DType::u8, {like.channels, height_, width_}, false, "image", {}, {}};
    column_ = writer_.add_column(keep_encoded_ ? encoded_column(image_name, like.channels, height_, width_) : pixels);
}

void PictureColumn::append(const Image& image, const std::string& bytes, const std::string& path, bool counts) {
    begin(image);
    if (image.height != height_ || image.width != width_)
        fail(Exit::data, "{} is {} x {} and the images before it {} x {}; give --size", path, image.height, image.width,
             height_, width_);
    if (counts) statistics_.add(image.pixels.data(), image.height * image.width, 255);
    const int64_t length = int64_t(bytes.size());
    if (keep_encoded_) writer_.append_ragged(column_, std::as_bytes(std::span(bytes)), std::span(&length, 1));
    else writer_.append(column_, std::as_bytes(std::span(image.pixels)));
}

void PictureColumn::tell(MetaWriter& meta) const {
    meta.add(image_name, statistics_);
    meta.add(image_name, rule_);
}

} // namespace ds
