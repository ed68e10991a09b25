#include "data/cell.h"

#include <fmt/format.h>

#include "base/error.h"

namespace ds {

int find_kind(const DataFileReader& file, const std::string& kind) {
    for (size_t i = 0; i < file.columns().size(); ++i)
        if (file.columns()[i].kind == kind) return int(i);
    return -1;
}

int image_column(const DataSource& source) {
    const int column = find_kind(source.file(), "image");
    if (column < 0) fail(Exit::data, "{}: there are no images in it", source.name());
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

std::string label_at(const DataSource& source, int column, int64_t row) {
    if (column < 0) return "";
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    if (info.dtype != DType::i32 || !info.item_shape.empty()) return "";
    int32_t label = 0;
    source.file().read(column, source.file_row(row), 1, &label);
    return label >= 0 && size_t(label) < info.labels.size() ? info.labels[size_t(label)] : std::to_string(label);
}

std::string number_at(const DataSource& source, int column, int64_t row) {
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    std::byte raw[8];
    source.file().read(column, source.file_row(row), 1, raw);
    switch (info.dtype) {
    case DType::f32: return fmt::format("{}", *reinterpret_cast<float*>(raw));
    case DType::f64: return fmt::format("{}", *reinterpret_cast<double*>(raw));
    case DType::i64: return std::to_string(*reinterpret_cast<int64_t*>(raw));
    case DType::u8: return std::to_string(*reinterpret_cast<uint8_t*>(raw));
    default: return std::to_string(*reinterpret_cast<int32_t*>(raw));
    }
}

} // namespace ds
