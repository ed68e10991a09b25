#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "data/format/gzip.h"
#include "data/import/import.h"

namespace ds {
namespace {

constexpr int64_t max_side = 1 << 16;

/// An IDX file: two zero bytes, a type, a rank, big-endian sizes, then the elements.
struct Idx {
    explicit Idx(const std::string& path) : source(path, true), name(source.name()), reader(source) {
        const std::vector<uint8_t> head = bytes(4, "its header");
        if (head[0] != 0 || head[1] != 0 || head[2] < 8 || head[2] > 14)
            fail(Exit::data, "{}: not an IDX file (it starts with {:02x} {:02x} {:02x} {:02x})", name, head[0], head[1],
                 head[2], head[3]);
        if (head[2] != 8) fail(Exit::data, "{}: its elements are not unsigned bytes (type {:#04x})", name, head[2]);
        if (head[3] < 1 || head[3] > 4)
            fail(Exit::data, "{}: {} dimensions; images have 3 or 4, labels 1", name, head[3]);
        for (int i = 0; i < head[3]; ++i) {
            const std::vector<uint8_t> b = bytes(4, "its sizes");
            sizes.push_back(int64_t{b[0]} << 24 | int64_t{b[1]} << 16 | int64_t{b[2]} << 8 | b[3]);
        }
    }
    std::vector<uint8_t> bytes(size_t n, const char* what) {
        std::vector<uint8_t> all;
        read(all, n, what);
        return all;
    }
    /// Memory grows with what the file has, not with what its header says.
    void read(std::vector<uint8_t>& to, size_t n, std::string_view what) {
        for (size_t have = 0; have < n;) {
            const size_t end = std::min(n, std::max(to.size(), have + (size_t{1} << 20)));
            to.resize(end);
            if (reader.read(std::as_writable_bytes(std::span(to).subspan(have, end - have))) != end - have)
                fail(Exit::data, "{}: the file ends within {}", name, what);
            have = end;
        }
        to.resize(n);
    }
    void expect_end() {
        std::byte one;
        if (reader.read({&one, 1}) != 0) fail(Exit::data, "{}: there are bytes behind the last element", name);
    }
    Source source;
    std::string name;
    GzipReader reader;
    std::vector<int64_t> sizes;
};

void check_images(const Idx& images) {
    if (images.sizes[0] == 0) fail(Exit::data, "{}: there are no images in it", images.name);
    if (images.sizes.size() < 3)
        fail(Exit::data, "{}: {} dimensions where images have 3 or 4; give the images first, then the labels",
             images.name, images.sizes.size());
    for (size_t i = 1; i < images.sizes.size(); ++i)
        if (images.sizes[i] < 1 || images.sizes[i] > max_side)
            fail(Exit::data, "{}: images of size {} are not possible", images.name, images.sizes[i]);
    if (images.sizes.size() == 4 && images.sizes[3] > 4)
        fail(Exit::data, "{}: {} channels", images.name, images.sizes[3]);
}

/// [h,w,c] to [c,h,w].
void channels_first(std::vector<uint8_t>& row, int64_t pixels, int64_t channels, std::vector<uint8_t>& work) {
    if (channels == 1) return;
    work = row;
    for (int64_t c = 0; c < channels; ++c)
        for (int64_t i = 0; i < pixels; ++i) row[size_t(c * pixels + i)] = work[size_t(i * channels + c)];
}

} // namespace

ImportSummary import_idx(const ImportRequest& request) {
    if (request.inputs.empty() || request.inputs.size() > 2)
        fail(Exit::usage, "import idx takes an image file and a label file");
    Idx images(request.inputs[0]);
    check_images(images);
    std::unique_ptr<Idx> labels;
    if (request.inputs.size() > 1) {
        labels = std::make_unique<Idx>(request.inputs[1]);
        if (labels->sizes.size() != 1)
            fail(Exit::data, "{}: {} dimensions where labels have 1", labels->name, labels->sizes.size());
        if (labels->sizes[0] != images.sizes[0])
            fail(Exit::data, "{} has {} images and {} has {} labels", images.name, images.sizes[0], labels->name,
                 labels->sizes[0]);
    }
    const int64_t n = images.sizes[0], h = images.sizes[1], w = images.sizes[2],
                  c = images.sizes.size() == 4 ? images.sizes[3] : 1;
    DataFileWriter writer(request.output);
    ColumnInfo image{"image", DType::u8, {c, h, w}, false, "image", {}, {}};
    const int image_column = writer.add_column(image);
    std::vector<int32_t> classes;
    int64_t greatest = -1;
    if (labels)
        for (uint8_t label : labels->bytes(size_t(n), "its labels")) {
            classes.push_back(label);
            greatest = std::max<int64_t>(greatest, label);
        }
    ColumnInfo target{"label", DType::i32, {}, false, "target", {}, {}};
    for (int64_t k = 0; k <= greatest; ++k) target.labels.push_back(std::to_string(k));
    const int target_column = labels ? writer.add_column(target) : -1;
    StatisticsGatherer statistics(c);
    std::vector<uint8_t> row, work;
    Progress progress("importing", n, "images");
    for (int64_t i = 0; i < n; ++i) {
        images.read(row, size_t(c * h * w), fmt::format("image {} of {}", i, n));
        channels_first(row, h * w, c, work);
        statistics.add(row.data(), h * w, 255);
        writer.append(image_column, std::as_bytes(std::span(row)));
        progress.update(i + 1);
    }
    images.expect_end();
    if (labels) {
        labels->expect_end();
        writer.append(target_column, std::as_bytes(std::span(classes)));
    }
    progress.finish();
    MetaWriter meta;
    meta.add("image", statistics);
    writer.set_meta(meta.json());
    std::vector<HistoryInput> inputs{input_of(images.source)};
    if (labels) inputs.push_back(input_of(labels->source));
    writer.set_history({import_record(request, std::move(inputs))});
    writer.commit();
    return {n, 0};
}

} // namespace ds
