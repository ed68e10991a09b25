#include "data/export.h"

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "data/cell.h"
#include "data/csv.h"
#include "data/npy.h"

namespace ds {
namespace {

/// A class name as a folder's name.
std::string folder_name(std::string label) {
    for (char& c : label)
        if (c == '/' || c == '\0') c = '-';
    return label.empty() || label[0] == '.' ? "_" + label : label;
}

} // namespace

int64_t export_png(const DataSource& source, int64_t rows, const std::string& folder) {
    namespace fs = std::filesystem;
    const int image = image_column(source), target = find_kind(source.file(), "target");
    const int64_t count = rows ? std::min(rows, source.rows()) : source.rows();
    Progress progress("exporting", count, "images");
    for (int64_t i = 0; i < count; ++i) {
        const std::string label = label_at(source, target, i);
        const fs::path place = label.empty() ? fs::path(folder) : fs::path(folder) / folder_name(label);
        std::error_code error;
        fs::create_directories(place, error);
        if (error) fail(Exit::cannot_create, "cannot create the folder {}: {}", place.string(), error.message());
        write_file((place / fmt::format("{:06}.png", i)).string(), encode_png(image_at(source, image, i)));
        progress.update(i + 1);
    }
    return count;
}

void export_npy(const DataSource& source, const std::string& column_name, const std::string& path) {
    const int column = source.file().find(column_name);
    std::string known;
    for (const ColumnInfo& c : source.file().columns()) known += (known.empty() ? "" : ", ") + c.name;
    if (column < 0) fail(Exit::usage, "{}: there is no column '{}'; there are: {}", source.name(), column_name, known);
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    if (info.ragged)
        fail(Exit::usage, "{}: column '{}' has rows of different lengths, which .npy does not hold", source.name(),
             column_name);
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
            out += (c ? "," : "") +
                   csv_field(named ? label_at(source, columns[c], row) : number_at(source, columns[c], row));
        }
        out += "\n";
    }
    return out;
}

} // namespace ds
