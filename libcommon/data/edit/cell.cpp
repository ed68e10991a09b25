#include "data/edit/cell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/text/documents.h"

namespace ds {

int find_kind(const DataTable& file, const std::string& kind) {
    for (size_t i = 0; i < file.columns().size(); ++i)
        if (file.columns()[i].kind == kind) return int(i);
    return -1;
}

std::vector<int64_t> pixel_counts(const DataTable& file, int column, std::span<const int64_t> rows) {
    const ColumnInfo& info = file.columns()[size_t(column)];
    if (info.dtype != DType::u8) fail(Exit::data, "{}: the masks '{}' are not bytes", file.path(), info.name);
    std::vector<uint8_t> pixels(static_cast<size_t>(info.item_bytes()));
    std::vector<int64_t> counts(256);
    for (const int64_t row : rows) {
        file.read(column, row, 1, pixels.data());
        for (const uint8_t k : pixels) ++counts[k];
    }
    return counts;
}

int image_column(const DataSource& source) {
    const int column = find_kind(source.file(), "image");
    const bool texts = std::ranges::any_of(source.file().columns(), is_document);
    if (column < 0)
        fail(Exit::data, "{}: there are no images in it{}", source.name(),
             texts ? "; ds-data export csv writes its texts" : "");
    return column;
}

Image image_at(const DataSource& source, int column, int64_t row) {
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    if (info.dtype != DType::u8 || info.item_shape.size() != 3)
        fail(Exit::data, "{}: its images are not bytes [C,H,W]", source.name());
    Image image{info.item_shape[1], info.item_shape[2], info.item_shape[0],
                std::vector<uint8_t>(size_t(info.item_bytes()))};
    const int64_t file_row = source.file_row(row);
    source.file().read(column, file_row, 1, image.pixels.data());
    if (image.channels != 1 && image.channels != 3)
        fail(Exit::data, "{}: images of {} channels cannot be shown", source.name(), image.channels);
    return image;
}

std::string cell_text(const ColumnInfo& column, const std::byte* raw) {
    const auto labelled = [&](int64_t value) {
        return value >= 0 && size_t(value) < column.labels.size() ? column.labels[size_t(value)]
                                                                  : std::to_string(value);
    };
    const auto number = [](auto value) { return std::isnan(value) ? "" : fmt::format("{}", value); };
    switch (column.dtype) {
    case DType::f32: return number(*reinterpret_cast<const float*>(raw));
    case DType::f64: return number(*reinterpret_cast<const double*>(raw));
    case DType::i64: return labelled(*reinterpret_cast<const int64_t*>(raw));
    case DType::i32: return labelled(*reinterpret_cast<const int32_t*>(raw));
    case DType::i8: return labelled(*reinterpret_cast<const int8_t*>(raw));
    case DType::u8: return labelled(*reinterpret_cast<const uint8_t*>(raw));
    case DType::boolean: return std::to_string(int(raw[0] != std::byte{}));
    default: fail(Exit::data, "column '{}' is {}, which has no text", column.name, name(column.dtype));
    }
}

std::string label_at(const DataSource& source, int column, int64_t row) {
    if (column < 0) return "";
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    if (info.dtype != DType::i32 || info.ragged || !info.item_shape.empty()) return "";
    int32_t label = 0;
    source.file().read(column, source.file_row(row), 1, &label);
    return cell_text(info, reinterpret_cast<const std::byte*>(&label));
}

} // namespace ds
