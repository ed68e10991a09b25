#include <algorithm>
#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"
#include "data/import.h"
#include "data/npy.h"

namespace ds {
namespace {

template <class T>
void gather_rows(const NpyArray& array, StatisticsGatherer& statistics, int64_t channels, int64_t per_channel,
                 double divide) {
    const T* data = reinterpret_cast<const T*>(array.data.data());
    for (int64_t r = 0; r < array.shape[0]; ++r) statistics.add(data + r * channels * per_channel, per_channel, divide);
}

/// Whole numbers from 0 as classes.
std::vector<int32_t> classes_of(const NpyArray& array, const std::string& source) {
    std::vector<int32_t> classes;
    for (int64_t i = 0; i < array.shape[0]; ++i) {
        int64_t value = -1;
        if (array.dtype == DType::u8) value = reinterpret_cast<const uint8_t*>(array.data.data())[i];
        else if (array.dtype == DType::i32) value = reinterpret_cast<const int32_t*>(array.data.data())[i];
        else if (array.dtype == DType::i64) value = reinterpret_cast<const int64_t*>(array.data.data())[i];
        else fail(Exit::data, "{}: classes are whole numbers, not {}", source, name(array.dtype));
        if (value < 0 || value > 1'000'000) fail(Exit::data, "{}: row {} has class {}", source, i, value);
        classes.push_back(int32_t(value));
    }
    return classes;
}

} // namespace

ImportSummary import_npy(const ImportRequest& request) {
    if (request.inputs.empty() || request.inputs.size() > 2)
        fail(Exit::usage, "import npy takes an array, and one of classes");
    // Copies: parsed arrays point into aligned memory.
    const std::string bytes = read_file(request.inputs[0], size_t{1} << 36), source = base_name(request.inputs[0]);
    const NpyArray parsed = parse_npy(std::as_bytes(std::span(bytes)), source);
    if (parsed.shape.empty() || parsed.shape[0] < 1)
        fail(Exit::data, "{}: an array {} has no rows", source, text(parsed.shape));
    if (count(parsed.shape) == 0) fail(Exit::data, "{}: the rows of an array {} are empty", source, text(parsed.shape));
    const std::vector<std::byte> aligned(parsed.data.begin(), parsed.data.end());
    const NpyArray array{parsed.dtype, parsed.shape, aligned};
    if (array.dtype != DType::u8 && array.dtype != DType::f32 && array.dtype != DType::f64)
        fail(Exit::data, "{}: rows of {}; u8, f32 and f64 are imported", source, name(array.dtype));
    const Dims item(array.shape.begin() + 1, array.shape.end());
    const bool image = item.size() == 3 && array.dtype == DType::u8;
    const int64_t channels = item.size() == 3 ? item[0] : 1, per_channel = count(item) / std::max<int64_t>(1, channels);
    StatisticsGatherer statistics(channels);
    if (array.dtype == DType::u8) gather_rows<uint8_t>(array, statistics, channels, per_channel, image ? 255 : 1);
    else if (array.dtype == DType::f32) gather_rows<float>(array, statistics, channels, per_channel, 1);
    else gather_rows<double>(array, statistics, channels, per_channel, 1);
    for (double m : statistics.mean())
        if (!std::isfinite(m)) fail(Exit::data, "{}: the array holds NaN or infinities", source);
    DataFileWriter writer(request.output);
    const std::string column = item.size() == 3 ? "image" : "x";
    writer.append(writer.add_column({column, array.dtype, item, false, image ? "image" : "number", {}, {}}),
                  array.data);
    if (request.inputs.size() > 1) {
        const std::string label_bytes = read_file(request.inputs[1], size_t{1} << 34),
                          label_source = base_name(request.inputs[1]);
        const NpyArray labels = parse_npy(std::as_bytes(std::span(label_bytes)), label_source);
        if (labels.shape != Dims{array.shape[0]})
            fail(Exit::data, "{}: an array {} where {} rows need {} classes", label_source, text(labels.shape),
                 array.shape[0], array.shape[0]);
        const std::vector<std::byte> own(labels.data.begin(), labels.data.end());
        const std::vector<int32_t> classes = classes_of({labels.dtype, labels.shape, own}, label_source);
        ColumnInfo target{"label", DType::i32, {}, false, "target", {}, {}};
        for (int32_t k = 0; k <= *std::max_element(classes.begin(), classes.end()); ++k)
            target.labels.push_back(std::to_string(k));
        writer.append(writer.add_column(target), std::as_bytes(std::span(classes)));
    }
    MetaWriter meta;
    meta.add(column, statistics);
    writer.set_meta(meta.json());
    writer.set_history({import_record(request, request.inputs)});
    writer.commit();
    return {array.shape[0], 0};
}

} // namespace ds
