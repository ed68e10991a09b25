#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "data/import/import.h"

namespace ds {
namespace {

constexpr size_t image_bytes = 3 * 32 * 32;

/// CIFAR-100 has a coarse label before the fine one. The file's size tells which: both record lengths divide it
/// only for multiples of 3073 * 3074 bytes, which no such file has.
size_t label_bytes(const Source& source) {
    const uint64_t size = source.size();
    if (size == 0 || (size % (image_bytes + 1) != 0 && size % (image_bytes + 2) != 0))
        fail(Exit::data, "{}: {} bytes are no whole number of CIFAR records (3073 or 3074 bytes each)", source.name(),
             size);
    return size % (image_bytes + 1) == 0 ? 1 : 2;
}

} // namespace

ImportSummary import_cifar(const ImportRequest& request) {
    if (request.inputs.empty()) fail(Exit::usage, "import cifar takes one or more .bin files");
    DataFileWriter writer(request.output);
    const int image = writer.add_column({"image", DType::u8, {3, 32, 32}, false, "image", {}, {}});
    StatisticsGatherer statistics(3);
    std::vector<int32_t> classes;
    std::vector<uint8_t> record;
    std::vector<HistoryInput> inputs;
    size_t kind = 0;
    int32_t greatest = 0;
    Progress progress("importing", int64_t(request.inputs.size()), "files");
    for (const std::string& path : request.inputs) {
        const Source source(path, true);
        const std::string name = source.name();
        const size_t labels = label_bytes(source);
        if (kind != 0 && labels != kind) fail(Exit::data, "{}: CIFAR-10 and CIFAR-100 files do not mix", name);
        kind = labels;
        record.resize(labels + image_bytes);
        for (uint64_t at = 0; at < source.size(); at += record.size()) {
            source.read(at, std::as_writable_bytes(std::span(record)));
            classes.push_back(record[labels - 1]);
            if (classes.back() >= (labels == 1 ? 10 : 100))
                fail(Exit::data, "{}: record {} has class {}", name, at / record.size(), classes.back());
            greatest = std::max(greatest, classes.back());
            const std::span<const uint8_t> pixels = std::span(record).subspan(labels);
            statistics.add(pixels.data(), 32 * 32, 255);
            writer.append(image, std::as_bytes(pixels));
        }
        inputs.push_back(input_of(source));
        progress.update(int64_t(&path - request.inputs.data()) + 1);
    }
    ColumnInfo target{"label", DType::i32, {}, false, "target", {}, {}};
    for (int32_t k = 0; k <= greatest; ++k) target.labels.push_back(std::to_string(k));
    writer.append(writer.add_column(target), std::as_bytes(std::span(classes)));
    MetaWriter meta;
    meta.add("image", statistics);
    writer.set_meta(meta.json());
    writer.set_history({import_record(request, std::move(inputs))});
    writer.commit();
    return {int64_t(classes.size()), 0};
}

} // namespace ds
