#include "infer/picture_files.h"

#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"

namespace ds {

namespace fs = std::filesystem;

namespace {

bool is_one_file(const std::string& place) { return place.ends_with(".png"); }

/// "a.jpg" as "a.png"; rows of arrays and data files, "a.h5[3]", keep their whole name. It stays within its folder.
std::string png_name(std::string name) {
    const fs::path path = fs::path(name).lexically_normal();
    fs::path inside;
    for (const fs::path& part : path.relative_path())
        if (part != "..") inside /= part;
    if (!name.ends_with(']')) inside.replace_extension();
    return inside.string() + ".png";
}

} // namespace

bool is_picture_place(const std::string& place) {
    std::error_code ignored;
    return is_one_file(place) || place.ends_with('/') || fs::is_directory(place, ignored);
}

std::string PictureFiles::name_of(const std::string& source) const {
    std::error_code ignored;
    for (const std::string& input : inputs_) {
        const std::string folder = input.ends_with('/') ? input : input + "/";
        if (source.starts_with(folder) && fs::is_directory(input, ignored))
            return png_name(source.substr(folder.size()));
    }
    return png_name(base_name(source));
}

std::string PictureFiles::encoded(const Predictions& some, int64_t sample) const {
    PredictedPicture picture = some.printing->picture(some.of(sample), some.names);
    const Image& own = some.pictures[size_t(sample)];
    if (picture.mask.classes.empty()) return encode_png(picture.image);
    if (!own.pixels.empty()) picture.mask = restore(picture.mask, own.height, own.width, some.resize);
    if (!overlay_) return encode_png(picture.mask);
    if (own.pixels.empty())
        fail(Exit::usage, "--overlay: {} is no picture file to be drawn over", some.sources[size_t(sample)]);
    return encode_png(overlaid(own, picture.mask));
}

void PictureFiles::add(const Predictions& some) {
    if (is_one_file(place_) && (some.samples() > 1 || !one_.empty()) && some.samples() > 0)
        fail(Exit::usage, "{} is one picture, and there are several predictions; give a folder", place_);
    for (int64_t s = 0; s < some.samples() && !some.is_bad; ++s) {
        std::string bytes = encoded(some, s);
        if (is_one_file(place_)) {
            one_ = std::move(bytes);
            continue;
        }
        const std::string& source = some.sources[size_t(s)];
        const std::string name = name_of(source);
        const auto [before, is_new] = written_.emplace(name, source);
        if (!is_new)
            fail(Exit::data, "{} and {} would both become {} in {}; predict them one by one", before->second, source,
                 name, place_);
        const fs::path path = fs::path(place_) / name;
        std::error_code error;
        fs::create_directories(path.parent_path(), error);
        if (error)
            fail(Exit::cannot_create, "cannot create the folder {}: {}", path.parent_path().string(), error.message());
        write_file(path.string(), bytes);
    }
}

void PictureFiles::finish() {
    if (!one_.empty()) write_file(place_, one_);
}

} // namespace ds
