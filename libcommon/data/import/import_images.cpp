#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "data/import/import.h"
#include "io/history.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

struct Found {
    fs::path path;
    int32_t label;
};

/// Folders and files in the order of their names, so that the same tree gives the same file.
std::vector<fs::path> sorted_entries(const fs::path& folder) {
    std::vector<fs::path> entries;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) entries.push_back(entry.path());
    if (error) fail(Exit::no_input, "cannot read the folder {}: {}", folder.string(), error.message());
    std::sort(entries.begin(), entries.end());
    return entries;
}

std::vector<Found> find_images(const fs::path& root, std::vector<std::string>& labels) {
    if (!fs::is_directory(root))
        fail(fs::exists(root) ? Exit::data : Exit::no_input,
             "{}: import images takes a folder with a folder for each class", root.string());
    std::vector<Found> found;
    for (const fs::path& folder : sorted_entries(root)) {
        if (!fs::is_directory(folder)) continue;
        for (const fs::path& file : sorted_entries(folder))
            if (fs::is_regular_file(file) && file.filename().string()[0] != '.')
                found.push_back({file, int32_t(labels.size())});
        labels.push_back(folder.filename().string());
    }
    if (found.empty()) fail(Exit::data, "{}: no images in folders of classes", root.string());
    return found;
}

Image read_one(const Found& found, const std::string& name, const ImageOptions& options, int64_t channels) {
    const std::string bytes = read_file(found.path.string(), size_t{1} << 30);
    const Image image = decode_image(std::as_bytes(std::span(bytes)), name, options.grey ? 1 : channels);
    return options.height > 0 ? resize(image, options.height, options.width, options.rule) : image;
}

/// The digest of a tree: of every file's name and content, in order.
std::string tree_of(const std::vector<Found>& found) {
    TreeHasher hasher;
    for (const Found& f : found) {
        const std::string name = f.path.parent_path().filename().string() + "/" + f.path.filename().string() + "\n";
        hasher.update(std::as_bytes(std::span(name)));
        const std::string content = read_file(f.path.string());
        hasher.update(std::as_bytes(std::span(content)));
    }
    return to_hex(hasher.finish());
}

} // namespace

ImportSummary import_images(const ImportRequest& request, const ImageOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import images takes one folder");
    std::vector<std::string> labels;
    const std::vector<Found> found = find_images(request.inputs[0], labels);
    DataFileWriter writer(request.output);
    std::vector<int32_t> classes;
    ImportSummary summary;
    Image first;
    int column = -1;
    std::unique_ptr<StatisticsGatherer> statistics;
    Progress progress("importing", int64_t(found.size()), "images");
    for (size_t i = 0; i < found.size(); ++i) {
        progress.update(int64_t(i));
        const std::string name = found[i].path.string();
        try {
            const Image image = read_one(found[i], name, options, column < 0 ? 0 : first.channels);
            if (column < 0) {
                first = image;
                column = writer.add_column(
                    {"image", DType::u8, {image.channels, image.height, image.width}, false, "image", {}, {}});
                statistics = std::make_unique<StatisticsGatherer>(image.channels);
            }
            if (image.height != first.height || image.width != first.width)
                fail(Exit::data, "{} is {} x {} and the images before it {} x {}; give --size", name, image.height,
                     image.width, first.height, first.width);
            statistics->add(image.pixels.data(), image.height * image.width, 255);
            writer.append(column, std::as_bytes(std::span(image.pixels)));
            classes.push_back(found[i].label);
        } catch (const Error& error) {
            if (!request.skip_bad || error.code() != Exit::data) throw;
            log::warning(fmt::format("left out {}", error.what()));
            ++summary.skipped;
        }
    }
    progress.finish();
    if (classes.empty()) fail(Exit::data, "{}: no image could be read", request.inputs[0]);
    writer.append(writer.add_column({"label", DType::i32, {}, false, "target", labels, {}}),
                  std::as_bytes(std::span(classes)));
    MetaWriter meta;
    meta.add("image", *statistics);
    writer.set_meta(meta.json());
    const std::string folder = base_name(fs::path(request.inputs[0]).lexically_normal().string());
    writer.set_history({import_record(request, {{folder, tree_of(found), ""}})});
    writer.commit();
    summary.samples = int64_t(classes.size());
    return summary;
}

} // namespace ds
