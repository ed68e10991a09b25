// A folder of pictures and a folder of their masks, which have the same names but for their endings. Twice over the
// masks: first to know the classes, and what is wrong with them, before a picture is decoded.
#include <algorithm>
#include <exception>
#include <map>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "data/import/import.h"
#include "data/import/picture_column.h"
#include "data/import/picture_files.h"
#include "data/picture/decode.h"
#include "data/picture/mask.h"
#include "io/history.h"

namespace ds {
namespace {

struct Pair {
    PictureFile picture, mask;
};

std::map<std::string, PictureFile> by_stem(const std::vector<PictureFile>& files) {
    std::map<std::string, PictureFile> all;
    for (const PictureFile& file : files) {
        const auto [before, is_new] = all.emplace(file.stem(), file);
        if (!is_new)
            fail(Exit::data, "{} and {} have the same name but for their endings: which one is meant?",
                 before->second.path.string(), file.path.string());
    }
    return all;
}

/// Pictures in the order of their names, each with its mask.
std::vector<Pair> pairs_of(const std::vector<PictureFile>& pictures, const std::vector<PictureFile>& masks,
                           const ImportRequest& request, const std::string& folder) {
    const auto known = by_stem(masks);
    by_stem(pictures);
    std::vector<Pair> pairs;
    for (const PictureFile& picture : pictures) {
        const auto mask = known.find(picture.stem());
        if (mask != known.end()) pairs.push_back({picture, mask->second});
        else if (request.skip_bad) log::warning(fmt::format("left out {}: it has no mask", picture.path.string()));
        else
            fail(Exit::data, "{}: there is no mask {} with any ending in {}; --skip-bad leaves such pictures out",
                 picture.path.string(), picture.stem(), folder);
    }
    if (pairs.empty()) fail(Exit::data, "{} and {}: no picture has a mask of its name", request.inputs[0], folder);
    if (const size_t rest = masks.size() - pairs.size())
        log::warning(fmt::format("{} masks in {} are of no picture", rest, folder));
    return pairs;
}

/// Calls work(i) for all i on all threads; an exception may not leave a thread, so the first is thrown behind.
template <class Work>
void for_all(size_t n, const Work& work) {
    std::vector<std::exception_ptr> errors(n);
    parallel_for(int64_t(n), 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) try {
                work(size_t(i));
            } catch (...) {
                errors[size_t(i)] = std::current_exception();
            }
    });
    for (const std::exception_ptr& error : errors)
        if (error) std::rethrow_exception(error);
}

std::string text_of(Source& source) {
    const std::vector<std::byte> bytes = source.take(1 << 20);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

size_t handful() { return size_t(threads()) * 8; }

class MaskImport {
public:
    MaskImport(const ImportRequest& request, const ImageOptions& options) : request_(request), options_(options) {
        if (!options.mask_colours.empty()) {
            Source source(options.mask_colours, true);
            colours_source_ = input_of(source);
            colours_ = parse_mask_colours(text_of(source), source.name());
            names_ = colours_->names;
        }
        if (!options.classes.empty()) names_ = options.classes;
    }

    ImportSummary run() {
        const std::vector<PictureFile> pictures = pictures_below(request_.inputs[0]),
                                       masks = pictures_below(options_.masks);
        pairs_ = pairs_of(pictures, masks, request_, options_.masks);
        summary_.skipped = int64_t(pictures.size() - pairs_.size());
        look_at_masks(masks);
        settle_classes();
        settle_rule();
        DataFileWriter writer(request_.output);
        PictureColumn column(writer, rule_, options_.keep_encoded);
        take_pairs(pictures, writer, column);
        writer.append_ragged(writer.add_column({"file", DType::u8, {}, true, "id", {}, {}}),
                             std::as_bytes(std::span(names_of_files_)), lengths_);
        MetaWriter meta;
        column.tell(meta);
        writer.set_meta(meta.json());
        std::vector<HistoryInput> inputs{{folder_name(request_.inputs[0]), to_hex(pictures_.finish()), ""},
                                         {folder_name(options_.masks), to_hex(masks_.finish()), ""}};
        if (colours_) inputs.push_back(*colours_source_);
        writer.set_history({import_record(request_, std::move(inputs))});
        writer.commit();
        return summary_;
    }

private:
    Mask mask_in(const std::string& bytes, const PictureFile& file) const {
        return read_mask(std::as_bytes(std::span(bytes)), file.path.string(), colours_ ? &*colours_ : nullptr);
    }
    /// Which values masks have. Errors are those of the file, which --skip-bad leaves out.
    void look_at_masks(const std::vector<PictureFile>& masks) {
        std::set<std::string> used;
        for (const Pair& pair : pairs_) used.insert(pair.mask.name);
        struct Look {
            std::string bytes;
            std::array<bool, 256> seen{};
            std::exception_ptr error;
        };
        for (size_t at = 0; at < masks.size(); at += handful()) {
            std::vector<Look> some(std::min(handful(), masks.size() - at));
            for_all(some.size(), [&](size_t i) {
                const PictureFile& file = masks[at + i];
                some[i].bytes = read_file(file.path.string(), largest_picture_file);
                if (!used.contains(file.name)) return;
                try {
                    const Mask mask = mask_in(some[i].bytes, file);
                    for (const uint8_t k : mask.classes) some[i].seen[k] = true;
                    check_named(mask, file);
                } catch (const Error&) {
                    some[i].error = std::current_exception();
                }
            });
            for (size_t i = 0; i < some.size(); ++i) {
                add_file(masks_, masks[at + i].name, some[i].bytes);
                if (some[i].error) leave_out(some[i].error, masks[at + i].name);
                else
                    for (size_t k = 0; k < seen_.size(); ++k) seen_[k] = seen_[k] || some[i].seen[k];
            }
        }
    }
    void leave_out(const std::exception_ptr& error, const std::string& mask) {
        try {
            std::rethrow_exception(error);
        } catch (const Error& e) {
            if (!request_.skip_bad || e.code() != Exit::data) throw;
            log::warning(fmt::format("left out {}", e.what()));
        }
        bad_masks_.insert(mask);
    }
    void check_named(const Mask& mask, const PictureFile& file) const {
        if (names_.empty()) return;
        for (size_t i = 0; i < mask.classes.size(); ++i)
            if (mask.classes[i] != no_class && mask.classes[i] >= names_.size())
                fail(Exit::data, "{}: pixel {},{} has the class {}, and names are given for {}", file.path.string(),
                     int64_t(i) % mask.width, int64_t(i) / mask.width, mask.classes[i], names_.size());
    }
    void settle_classes() {
        int64_t greatest = -1;
        for (int64_t k = 0; k < no_class; ++k)
            if (seen_[size_t(k)]) greatest = k;
        if (greatest <= 0 && seen_[no_class])
            fail(Exit::data,
                 "{}: its masks hold only {}255, and 255 is no class; of masks in black and white say which is which "
                 "in a "
                 "file: --mask-colors FILE with lines such as 'background black' and 'object white'",
                 options_.masks, greatest == 0 ? "0 and " : "");
        if (greatest <= 0) fail(Exit::data, "{}: all pixels of its masks are of class 0", options_.masks);
        if (names_.empty())
            for (int64_t k = 0; k <= greatest; ++k) names_.push_back(std::to_string(k));
        for (size_t k = 0; k < names_.size(); ++k)
            if (!seen_[k]) log::warning(fmt::format("no pixel has the class {} ({})", k, names_[k]));
    }
    void settle_rule() {
        std::vector<std::filesystem::path> files;
        for (const Pair& pair : pairs_) files.push_back(pair.picture.path);
        rule_.resize = options_.height > 0 ? options_.resize : ResizeRule::none;
        rule_.channels = options_.channels > 0 ? options_.channels : channels_of(files);
        rule_.background = options_.background;
    }

    struct Sample {
        std::string bytes;
        Image image;
        Mask mask;
        std::exception_ptr error;
    };
    /// Picture and mask as they lie on each other.
    void decode(const Pair& pair, Sample& sample) const {
        const std::string name = pair.picture.path.string();
        const Image picture = upright_picture(std::as_bytes(std::span(sample.bytes)), name, rule_);
        const Mask mask = mask_in(read_file(pair.mask.path.string(), largest_picture_file), pair.mask);
        if (mask.height != picture.height || mask.width != picture.width)
            fail(Exit::data, "{} is {} x {} and its picture {}, upright, {} x {}", pair.mask.path.string(), mask.height,
                 mask.width, name, picture.height, picture.width);
        const bool asked = options_.height > 0;
        sample.image = asked ? sized(picture, rule_, options_.height, options_.width) : picture;
        sample.mask = asked ? resize(mask, options_.height, options_.width, rule_.resize) : mask;
    }
    /// All pictures go into the digest, those without a mask, too.
    void take_pairs(const std::vector<PictureFile>& pictures, DataFileWriter& writer, PictureColumn& column) {
        std::map<std::string, const Pair*> pair_of;
        for (const Pair& pair : pairs_) pair_of[pair.picture.name] = &pair;
        Progress progress("importing", int64_t(pictures.size()), "images");
        for (size_t at = 0; at < pictures.size(); at += handful()) {
            progress.update(int64_t(at));
            std::vector<Sample> some(std::min(handful(), pictures.size() - at));
            for_all(some.size(), [&](size_t i) {
                some[i].bytes = read_file(pictures[at + i].path.string(), largest_picture_file);
                const auto pair = pair_of.find(pictures[at + i].name);
                if (pair == pair_of.end() || bad_masks_.contains(pair->second->mask.name)) return;
                try {
                    decode(*pair->second, some[i]);
                } catch (const Error&) {
                    some[i].error = std::current_exception();
                }
            });
            for (size_t i = 0; i < some.size(); ++i) {
                add_file(pictures_, pictures[at + i].name, some[i].bytes);
                if (pair_of.contains(pictures[at + i].name)) take(pictures[at + i], some[i], writer, column);
            }
        }
        progress.finish();
        if (summary_.samples == 0) fail(Exit::data, "{}: no image could be read", request_.inputs[0]);
    }
    void take(const PictureFile& file, const Sample& sample, DataFileWriter& writer, PictureColumn& column) {
        if (sample.error) leave_out(sample.error, file.name);
        if (sample.image.pixels.empty()) {
            ++summary_.skipped;
            return;
        }
        const Image& image = sample.image;
        column.append(image, sample.bytes, file.path.string());
        if (mask_column_ < 0)
            mask_column_ =
                writer.add_column({"mask", DType::u8, {image.height, image.width}, false, "mask", names_, {}});
        writer.append(mask_column_, std::as_bytes(std::span(sample.mask.classes)));
        names_of_files_ += file.name;
        lengths_.push_back(int64_t(file.name.size()));
        ++summary_.samples;
    }

    const ImportRequest& request_;
    const ImageOptions& options_;
    std::optional<MaskColours> colours_;
    std::optional<HistoryInput> colours_source_;
    std::vector<std::string> names_;
    std::vector<Pair> pairs_;
    std::string names_of_files_;   // of the pictures, one after another
    std::vector<int64_t> lengths_; // of each name
    std::array<bool, 256> seen_{};
    std::set<std::string> bad_masks_;
    PictureRule rule_;
    TreeHasher pictures_, masks_;
    ImportSummary summary_;
    int mask_column_ = -1;
};

} // namespace

ImportSummary import_masks(const ImportRequest& request, const ImageOptions& options) {
    return MaskImport(request, options).run();
}

} // namespace ds
