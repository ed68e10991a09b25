#include "data/describe.h"

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "data/chart.h"
#include "data/npy.h"

namespace ds {
namespace {

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
    if (info.dtype != DType::u8 || info.item_shape.size() != 3) fail(Exit::data, "{}: its images are not bytes [C,H,W]", source.name());
    Image image{info.item_shape[1], info.item_shape[2], info.item_shape[0], std::vector<uint8_t>(size_t(info.item_bytes()))};
    const int64_t file_row = source.file_row(row);
    source.file().read(column, file_row, 1, image.pixels.data());
    if (image.channels != 1 && image.channels != 3) fail(Exit::data, "{}: images of {} channels cannot be shown", source.name(), image.channels);
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

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

/// A class name as a folder's name.
std::string folder_name(std::string label) {
    for (char& c : label)
        if (c == '/' || c == '\0') c = '-';
    return label.empty() || label[0] == '.' ? "_" + label : label;
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

} // namespace

Json describe(const DataSource& source) {
    const DataFileReader& file = source.file();
    Json json = Json::object(), columns = Json::array(), splits = Json::object();
    json.set("samples", source.rows());
    for (const ColumnInfo& column : file.columns()) {
        Json one = Json::object();
        one.set("name", column.name).set("kind", column.kind).set("dtype", std::string(name(column.dtype))).set("shape", column.item_shape);
        if (column.ragged) one.set("ragged", true).set("elements", file.offsets(file.find(column.name)).back());
        if (!column.labels.empty()) one.set("labels", column.labels);
        columns.push(one);
    }
    for (const std::string& split : file.splits()) splits.set(split, int64_t(file.split(split).size()));
    json.set("columns", columns).set("splits", splits);
    Json history = Json::array();
    for (const std::string& record : file.history()) history.push(Json::parse(record, source.name()));
    return json.set("history", history).set("digest", source.digest());
}

std::string description_text(const Json& d) {
    std::string out = fmt::format("{:<10} {}\n", "samples", d.get<int64_t>("samples"));
    for (const Json& column : d.at("columns").items()) {
        std::string shape;
        for (const Json& size : column.at("shape").items()) shape += (shape.empty() ? "" : ",") + std::to_string(size.as_int());
        out += fmt::format("{:<10} {}: {} {}{}", "column", column.get<std::string>("name"), column.get<std::string>("kind"),
                           column.get<std::string>("dtype"), shape.empty() ? "" : "[" + shape + "]");
        if (column.contains("ragged")) out += fmt::format(", {} elements in all", column.get<int64_t>("elements"));
        if (const Json* labels = column.find("labels")) {
            out += fmt::format(", {} names: ", labels->size());
            for (size_t i = 0; i < labels->size() && i < 10; ++i) out += (i ? ", " : "") + labels->items()[i].as_string();
            if (labels->size() > 10) out += ", ...";
        }
        out += "\n";
    }
    for (const auto& [name, rows] : d.at("splits").members()) out += fmt::format("{:<10} {}: {} samples\n", "split", name, rows.as_int());
    return out + fmt::format("{:<10} {}\n", "digest", d.get<std::string>("digest"));
}

void draw_samples(const DataSource& source, int64_t rows, int64_t columns, const std::string& path) {
    const int image = image_column(source), target = find_kind(source.file(), "target");
    std::vector<Tile> tiles;
    for (int64_t i = 0; i < std::min(source.rows(), rows * columns); ++i) tiles.push_back({image_at(source, image, i), label_at(source, target, i)});
    draw_grid(tiles, columns, path);
}

int64_t export_png(const DataSource& source, const std::string& folder) {
    namespace fs = std::filesystem;
    const int image = image_column(source), target = find_kind(source.file(), "target");
    Progress progress("exporting", source.rows(), "images");
    for (int64_t i = 0; i < source.rows(); ++i) {
        const std::string label = label_at(source, target, i);
        const fs::path place = label.empty() ? fs::path(folder) : fs::path(folder) / folder_name(label);
        std::error_code error;
        fs::create_directories(place, error);
        if (error) fail(Exit::cannot_create, "cannot create the folder {}: {}", place.string(), error.message());
        write_file((place / fmt::format("{:06}.png", i)).string(), encode_png(image_at(source, image, i)));
        progress.update(i + 1);
    }
    return source.rows();
}

void export_npy(const DataSource& source, const std::string& column_name, const std::string& path) {
    const int column = source.file().find(column_name);
    std::string known;
    for (const ColumnInfo& c : source.file().columns()) known += (known.empty() ? "" : ", ") + c.name;
    if (column < 0) fail(Exit::usage, "{}: there is no column '{}'; there are: {}", source.name(), column_name, known);
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    if (info.ragged) fail(Exit::usage, "{}: column '{}' has rows of different lengths, which .npy does not hold", source.name(), column_name);
    std::vector<std::byte> all(size_t(source.rows() * info.item_bytes()));
    std::vector<int64_t> rows;
    for (int64_t i = 0; i < source.rows(); ++i) rows.push_back(source.file_row(i));
    source.file().gather(column, rows, all.data());
    Dims shape = info.item_shape;
    shape.insert(shape.begin(), source.rows());
    write_file(path, encode_npy(info.dtype, shape, all));
}

std::string csv_text(const DataSource& source) {
    std::vector<int> columns;
    std::string out;
    for (size_t i = 0; i < source.file().columns().size(); ++i) {
        const ColumnInfo& info = source.file().columns()[i];
        if (info.ragged || !info.item_shape.empty()) continue;
        out += (columns.empty() ? "" : ",") + csv_field(info.name);
        columns.push_back(int(i));
    }
    if (columns.empty()) fail(Exit::usage, "{}: none of its columns is one number or name a row", source.name());
    out += "\n";
    for (int64_t row = 0; row < source.rows(); ++row) {
        for (size_t c = 0; c < columns.size(); ++c) {
            const bool named = !source.file().columns()[size_t(columns[c])].labels.empty();
            out += (c ? "," : "") + csv_field(named ? label_at(source, columns[c], row) : number_at(source, columns[c], row));
        }
        out += "\n";
    }
    return out;
}

} // namespace ds
