#include "data/edit/export.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "data/batch/row_ids.h"
#include "data/edit/cell.h"
#include "data/format/csv.h"
#include "data/format/npy.h"
#include "data/text/documents.h"

namespace ds {
namespace {

constexpr size_t most_waiting = 4 << 20; // bytes of a table

/// A class name as a folder's name.
std::string folder_name(std::string label) {
    for (char& c : label)
        if (c == '/' || c == '\0') c = '-';
    return label.empty() || label[0] == '.' ? "_" + label : label;
}

constexpr size_t longest_name = 200; // bytes; file systems end at 255

/// What a picture's file is called: by its row's id, without folders and the ending that it had as a picture, else by
/// its row's number in the file; by both where another one in the folder has the name already.
class FileNamesOfRows {
public:
    explicit FileNamesOfRows(const DataTable& file) : ids_(file) {}
    std::string next(const std::filesystem::path& folder, int64_t file_row) {
        std::string id = ids_.at(file_row);
        id = id.substr(id.rfind('/') + 1);
        const size_t dot = id.rfind('.');
        if (dot != id.npos && dot > 0 && is_picture_ending(id.substr(dot))) id.resize(dot);
        const std::string own = fmt::format("{:06}", file_row);
        std::string name = id.empty() || id.size() > longest_name ? own : folder_name(id);
        while (!taken_.insert((folder / name).string()).second) name += "-" + own;
        return name + ".png";
    }

private:
    static bool is_picture_ending(std::string ending) {
        for (char& c : ending) c = char(std::tolower(static_cast<unsigned char>(c)));
        constexpr std::string_view known[] = {".png",  ".jpg", ".jpeg", ".webp", ".gif", ".tif",
                                              ".tiff", ".bmp", ".pnm",  ".ppm",  ".pgm", ".pbm"};
        return std::ranges::count(known, ending) > 0;
    }
    RowIds ids_;
    std::set<std::string> taken_;
};

/// A picture that lies there is the same one, from an export before this; another one is not overwritten.
void require_no_other(const std::filesystem::path& path, const DataSource& source, int image, int64_t i) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return;
    const std::string there = read_file(path.string()), own = encode_png(image_at(source, image, i));
    if (there != own)
        fail(Exit::cannot_create, "{} is there and is another picture than {}; give a folder of its own, or remove it",
             path.string(), source.place(i));
}

/// The tags of words, by name.
class Tags {
public:
    Tags(const DataTable& table, int column) : table_(table), column_(column), offsets_(table.offsets(column)) {}
    std::vector<std::string> read(int64_t row) const {
        const int64_t begin = offsets_.at(size_t(row)), n = offsets_.at(size_t(row) + 1) - begin;
        std::vector<int32_t> codes(static_cast<size_t>(n));
        table_.read_values(column_, begin, n, codes.data());
        std::vector<std::string> names;
        for (const int32_t code : codes)
            names.push_back(cell_text(table_.columns()[size_t(column_)], reinterpret_cast<const std::byte*>(&code)));
        return names;
    }

private:
    const DataTable& table_;
    int column_;
    std::vector<int64_t> offsets_;
};

/// Some rows of a column of single values, of the ids of rows, or of texts.
struct Cells {
    int column;
    const ColumnInfo& info;
    std::optional<RowIds> names;        // where it holds ids
    std::optional<Documents> documents; // where it holds texts; read one by one, as they may be long
    std::optional<Tags> tags;           // of their words: a line each, as those are
    std::vector<std::byte> raw;
    std::vector<std::string> ids;
    std::vector<int64_t> file_rows; // of the texts

    void read(const DataTable& file, const std::vector<int64_t>& rows) {
        if (documents || tags) {
            ids.resize(1);
            file_rows = rows;
            return;
        }
        if (!names) {
            raw.resize(rows.size() * size_t(info.item_bytes()));
            return file.gather(column, rows, raw.data());
        }
        ids.clear();
        for (int64_t row : rows) ids.push_back(names->at(row));
    }
    std::string text(size_t row) {
        if (tags) return fmt::format("{}", fmt::join(tags->read(file_rows[row]), "\n"));
        if (documents) documents->read(file_rows[row], ids[0]);
        if (documents) return ids[0];
        return names ? ids[row] : cell_text(info, raw.data() + row * size_t(info.item_bytes()));
    }
};

/// Calls visit(row numbers in the file) for all rows of the source in order, `most` at a time.
template <class Visit>
void for_each_piece(const DataSource& source, int64_t most, Visit&& visit) {
    most = std::max<int64_t>(1, most);
    std::vector<int64_t> rows;
    for (int64_t at = 0; at < source.rows(); at += most) {
        rows.clear();
        for (int64_t i = at; i < std::min(source.rows(), at + most); ++i) rows.push_back(source.file_row(i));
        visit(rows);
    }
}

} // namespace

int64_t export_png(const DataSource& source, int64_t rows, const std::string& folder) {
    namespace fs = std::filesystem;
    const int image = image_column(source), target = find_kind(source.file(), "target");
    const int64_t count = rows ? std::min(rows, source.rows()) : source.rows();
    std::vector<fs::path> files;
    FileNamesOfRows names(source.file());
    for (int64_t i = 0; i < count; ++i) {
        const std::string label = label_at(source, target, i);
        const fs::path place = label.empty() ? fs::path(folder) : fs::path(folder) / folder_name(label);
        files.push_back(place / names.next(place, source.file_row(i)));
        require_no_other(files.back(), source, image, i);
    }
    Progress progress("exporting", count, "images");
    for (int64_t i = 0; i < count; ++i) {
        const fs::path place = files[size_t(i)].parent_path();
        std::error_code error;
        fs::create_directories(place, error);
        if (error) fail(Exit::cannot_create, "cannot create the folder {}: {}", place.string(), error.message());
        write_file(files[size_t(i)].string(), encode_png(image_at(source, image, i)));
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
    Dims shape = info.item_shape;
    shape.insert(shape.begin(), source.rows());
    AtomicFile file(path);
    const std::string header = npy_header(info.dtype, shape);
    file.write(std::as_bytes(std::span(header)));
    std::vector<std::byte> piece;
    for_each_piece(source, (1 << 22) / std::max<int64_t>(1, info.item_bytes()), [&](const std::vector<int64_t>& rows) {
        piece.resize(rows.size() * size_t(info.item_bytes()));
        source.file().gather(column, rows, piece.data());
        file.write(piece);
    });
    file.commit();
}

void export_conll(const DataSource& source, const std::string& path) {
    const auto& columns = source.file().columns();
    const auto words = std::ranges::find_if(columns, [&](const ColumnInfo& c) {
        return is_document(c) && token_rule(c, source.name()) == TokenRule::lines;
    });
    if (words == columns.end())
        fail(Exit::usage, "{}: it has no texts whose words stand apart, as import conll makes them", source.name());
    const Documents documents(source.file(), int(words - columns.begin()));
    const auto tags = std::ranges::find_if(columns, has_tags);
    std::optional<Tags> own;
    if (tags != columns.end()) own.emplace(source.file(), int(tags - columns.begin()));
    AtomicFile file(path, Content::text);
    Progress progress("exporting", source.rows(), "rows");
    std::string text, out;
    for (int64_t i = 0; i < source.rows(); progress.update(++i)) {
        documents.read(source.file_row(i), text);
        const std::vector<std::string> apart = words_as_written(text, TokenRule::lines);
        const std::vector<std::string> names = own ? own->read(source.file_row(i)) : std::vector<std::string>();
        if (own && names.size() != apart.size())
            fail(Exit::data, "{}: {} words and {} tags in {}", source.name(), apart.size(), names.size(),
                 source.place(i));
        for (size_t w = 0; w < apart.size(); ++w) out += apart[w] + (own ? "\t" + names[w] : "") + "\n";
        out += "\n";
        if (out.size() < most_waiting) continue;
        file.write(std::as_bytes(std::span(out)));
        out.clear();
    }
    file.write(std::as_bytes(std::span(out)));
    file.commit();
}

void export_csv(const DataSource& source, const std::string& path) {
    std::vector<Cells> columns;
    std::string out;
    for (size_t i = 0; i < source.file().columns().size(); ++i) {
        const ColumnInfo& info = source.file().columns()[i];
        if (!is_name(info) && !is_document(info) && !has_tags(info) && (info.ragged || !info.item_shape.empty()))
            continue;
        out += (columns.empty() ? "" : ",") + csv_field(info.name);
        columns.push_back({int(i), info, {}, {}, {}, {}, {}, {}});
        if (has_tags(info)) columns.back().tags.emplace(source.file(), int(i));
        if (is_document(info)) columns.back().documents.emplace(source.file(), int(i));
        if (is_name(info)) columns.back().names.emplace(source.file(), int(i));
    }
    if (columns.empty()) fail(Exit::usage, "{}: none of its columns is one number, name or text a row", source.name());
    out += "\n";
    AtomicFile file(path, Content::text);
    Progress progress("exporting", source.rows(), "rows");
    int64_t done = 0;
    for_each_piece(source, 4096, [&](const std::vector<int64_t>& rows) {
        for (Cells& cells : columns) cells.read(source.file(), rows);
        for (size_t r = 0; r < rows.size(); ++r) {
            for (size_t c = 0; c < columns.size(); ++c)
                out += csv_field(columns[c].text(r)) + (c + 1 < columns.size() ? "," : "\n");
            if (out.size() < most_waiting) continue;
            file.write(std::as_bytes(std::span(out)));
            out.clear();
        }
        file.write(std::as_bytes(std::span(out)));
        out.clear();
        progress.update(done += int64_t(rows.size()));
    });
    file.write(std::as_bytes(std::span(out)));
    file.commit();
}

} // namespace ds
