#include <algorithm>
#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "data/format/npy.h"
#include "data/import/import.h"

namespace ds {
namespace {

/// An array in a file: its header, and its rows to be read a piece at a time.
struct ArrayFile {
    explicit ArrayFile(const std::string& path) : source(path, true), name(source.name()) {
        std::vector<std::byte> start(size_t(std::min<uint64_t>(source.size(), max_npy_header)));
        source.read(0, start);
        header = parse_npy_header(start, source.size(), name);
    }
    int64_t rows() const { return header.shape.empty() ? 0 : header.shape[0]; }
    Dims item() const { return Dims(header.shape.begin() + 1, header.shape.end()); }
    /// Calls visit(bytes of some rows, how many) for all rows in order. Pieces are about a mebibyte.
    template <class Visit>
    void for_each_piece(Visit&& visit) const {
        const int64_t row = bytes(header.dtype, item()),
                      most = std::max<int64_t>(1, (1 << 20) / std::max<int64_t>(1, row));
        std::vector<std::byte> piece;
        for (int64_t r = 0; r < rows(); r += most) {
            const int64_t n = std::min(most, rows() - r);
            piece.resize(size_t(n * row));
            source.read(header.length + uint64_t(r * row), piece);
            visit(std::span<const std::byte>(piece), n);
        }
    }
    Source source;
    std::string name;
    NpyHeader header;
};

void check_rows(const ArrayFile& array) {
    const NpyHeader& h = array.header;
    if (array.rows() < 1) fail(Exit::data, "{}: an array {} has no rows", array.name, text(h.shape));
    if (count(h.shape) == 0) fail(Exit::data, "{}: the rows of an array {} are empty", array.name, text(h.shape));
    if (h.dtype != DType::u8 && h.dtype != DType::f32 && h.dtype != DType::f64)
        fail(Exit::data, "{}: rows of {}; u8, f32 and f64 are imported", array.name, name(h.dtype));
}

struct Standardisation {
    StatisticsGatherer statistics;
    int64_t channels, per_channel;
    double divide;

    void add(DType dtype, std::span<const std::byte> rows, int64_t n) {
        if (dtype == DType::u8) add_as<uint8_t>(rows, n);
        else if (dtype == DType::f32) add_as<float>(rows, n);
        else add_as<double>(rows, n);
    }
    template <class T>
    void add_as(std::span<const std::byte> rows, int64_t n) {
        const T* data = reinterpret_cast<const T*>(rows.data());
        for (int64_t r = 0; r < n; ++r) statistics.add(data + r * channels * per_channel, per_channel, divide);
    }
};

int64_t whole_number(DType dtype, const std::byte* at, const std::string& source) {
    switch (dtype) {
    case DType::u8: return *reinterpret_cast<const uint8_t*>(at);
    case DType::i32: return *reinterpret_cast<const int32_t*>(at);
    case DType::i64: return *reinterpret_cast<const int64_t*>(at);
    default: fail(Exit::data, "{}: classes are whole numbers, not {}", source, name(dtype));
    }
}

/// Whole numbers from 0 as classes.
std::vector<int32_t> read_classes(const ArrayFile& array, int64_t rows) {
    const NpyHeader& h = array.header;
    if (h.shape != Dims{rows})
        fail(Exit::data, "{}: an array {} where {} rows need {} classes", array.name, text(h.shape), rows, rows);
    std::vector<int32_t> classes;
    const size_t width = size_t(bytes(h.dtype, Dims{}));
    array.for_each_piece([&](std::span<const std::byte> piece, int64_t n) {
        for (int64_t i = 0; i < n; ++i) {
            const int64_t value = whole_number(h.dtype, piece.data() + size_t(i) * width, array.name);
            if (value < 0 || value > 1'000'000)
                fail(Exit::data, "{}: row {} has class {}", array.name, classes.size(), value);
            classes.push_back(int32_t(value));
        }
    });
    return classes;
}

} // namespace

ImportSummary import_npy(const ImportRequest& request) {
    if (request.inputs.empty() || request.inputs.size() > 2)
        fail(Exit::usage, "import npy takes an array, and one of classes");
    const ArrayFile array(request.inputs[0]);
    check_rows(array);
    const NpyHeader& header = array.header;
    const Dims item = array.item();
    const bool image = item.size() == 3 && header.dtype == DType::u8;
    const int64_t channels = item.size() == 3 ? item[0] : 1;
    Standardisation found{StatisticsGatherer(channels), channels, count(item) / std::max<int64_t>(1, channels),
                          image ? 255.0 : 1.0};
    DataFileWriter writer(request.output);
    const std::string name = item.size() == 3 ? "image" : "x";
    const int column = writer.add_column({name, header.dtype, item, false, image ? "image" : "number", {}, {}});
    Progress progress("importing", array.rows(), "rows");
    int64_t done = 0;
    array.for_each_piece([&](std::span<const std::byte> rows, int64_t n) {
        found.add(header.dtype, rows, n);
        writer.append(column, rows);
        progress.update(done += n);
    });
    for (double m : found.statistics.mean())
        if (!std::isfinite(m)) fail(Exit::data, "{}: the array holds NaN or infinities", array.name);
    std::vector<HistoryInput> inputs{input_of(array.source)};
    if (request.inputs.size() > 1) {
        const ArrayFile labels(request.inputs[1]);
        const std::vector<int32_t> classes = read_classes(labels, array.rows());
        ColumnInfo target{"label", DType::i32, {}, false, "target", {}, {}};
        for (int32_t k = 0; k <= *std::max_element(classes.begin(), classes.end()); ++k)
            target.labels.push_back(std::to_string(k));
        writer.append(writer.add_column(target), std::as_bytes(std::span(classes)));
        inputs.push_back(input_of(labels.source));
    }
    MetaWriter meta;
    meta.add(name, found.statistics);
    writer.set_meta(meta.json());
    writer.set_history({import_record(request, std::move(inputs))});
    writer.commit();
    return {array.rows(), 0};
}

} // namespace ds
