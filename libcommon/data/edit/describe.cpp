#include "data/edit/describe.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "base/escape.h"
#include "base/names.h"
#include "data/batch/row_ids.h"
#include "data/edit/cell.h"
#include "data/edit/column_facts.h"
#include "data/format/csv.h"
#include "data/picture/chart.h"
#include "data/picture/kept_files.h"
#include "data/picture/mask.h"
#include "data/text/documents.h"

namespace ds {

namespace {

std::vector<int64_t> rows_of(const DataSource& source) {
    std::vector<int64_t> rows;
    for (int64_t i = 0; i < source.rows(); ++i) rows.push_back(source.file_row(i));
    return rows;
}

void add_facts(Json& one, const ColumnInfo& column, const ColumnFacts& facts) {
    if (facts.missing > 0) one.set("missing", facts.missing);
    if (!column.labels.empty()) one.set("counts", facts.counts);
    else one.set("min", facts.least).set("max", facts.greatest).set("mean", facts.mean);
}

/// Of the rows of the source: pixels of each class, and those of none.
void add_pixels(Json& one, const DataSource& source, int column) {
    const size_t classes = source.file().columns()[size_t(column)].labels.size();
    std::vector<int64_t> counts = pixel_counts(source.file(), column, rows_of(source));
    if (const int64_t ignored = counts[ignored_pixel]) one.set("ignored", ignored);
    counts.resize(classes);
    one.set("counts", counts);
}

/// What the vocabulary of a column of texts has.
void add_words(Json& one, const DataSource& source, const ColumnInfo& column) {
    for (const DataColumn& fact : source.facts())
        if (fact.name == column.name) one.set("words", fact.words).set("longest", fact.longest);
}

/// How many groups the rows of the source are in, and how many rows the largest has.
void add_groups(Json& one, const DataSource& source, int column) {
    const RowIds names(source.file(), column);
    std::unordered_map<std::string, int64_t> sizes;
    int64_t largest = 0;
    for (int64_t i = 0; i < source.rows(); ++i) largest = std::max(largest, ++sizes[names.at(source.file_row(i))]);
    one.set("groups", int64_t(sizes.size())).set("largest_group", largest);
}

/// "a 12, b 7, c 3": the first ten names with the rows that each has.
std::string names_text(const Json& labels, const Json* counts) {
    std::string out = fmt::format(", {} names: ", labels.size());
    for (size_t i = 0; i < labels.size() && i < 10; ++i) {
        out += (i ? ", " : "") + visible(labels.items()[i].as_string());
        if (counts) out += fmt::format(" {}", counts->items()[i].as_int());
    }
    return out + (labels.size() > 10 ? ", ..." : "");
}

std::string numbers_text(const Json& column) {
    if (!column.contains("min")) return "";
    const auto whole = [](double v) { return v == std::trunc(v) && std::abs(v) < 1e15; };
    const auto text = [&](double v) { return fmt::format(fmt::runtime(whole(v) ? "{:.0f}" : "{:.6g}"), v); };
    return fmt::format(", {} to {}, mean {:.6g}", text(column.get<double>("min")), text(column.get<double>("max")),
                       column.get<double>("mean"));
}

/// The mask of a row, which lies on its image.
Mask mask_at(const DataSource& source, int column, int64_t row, const Image& image) {
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    if (info.dtype != DType::u8 || info.item_shape != Dims{image.height, image.width})
        fail(Exit::data, "{}: its masks '{}' are not bytes of the images' size", source.name(), info.name);
    Mask mask{image.height, image.width, std::vector<uint8_t>(size_t(info.item_bytes()))};
    source.file().read(column, source.file_row(row), 1, mask.classes.data());
    return mask;
}

} // namespace

Json describe(const DataSource& source) {
    const DataTable& file = source.file();
    Json json = Json::object(), columns = Json::array(), splits = Json::object();
    json.set("samples", source.rows());
    const Preprocessing preprocessing = source.preprocessing();
    std::vector<ColumnFacts> facts;
    for (const ColumnInfo& column : file.columns()) {
        Json one = Json::object();
        one.set("name", column.name)
            .set("kind", column.kind)
            .set("dtype", std::string(name(column.dtype)))
            .set("shape", column.item_shape);
        if (column.ragged) one.set("ragged", true).set("elements", file.offsets(file.find(column.name)).back());
        if (const int64_t index = int64_t(facts.size()); is_encoded(source.stored().columns()[size_t(index)]))
            one.set("encoded_bytes", source.stored().elements(int(index)));
        if (!column.labels.empty()) one.set("labels", column.labels);
        if (is_document(column)) add_words(one, source, column);
        if (const auto how = preprocessing.columns.find(column.name);
            how != preprocessing.columns.end() && how->second.picture)
            one.set("picture", to_json(*how->second.picture));
        facts.push_back(has_facts(column) ? column_facts(source, int(facts.size())) : ColumnFacts{});
        if (has_facts(column)) add_facts(one, column, facts.back());
        if (column.kind == "mask" && !column.ragged) add_pixels(one, source, int(facts.size()) - 1);
        if (column.kind == "group" && is_name(column)) add_groups(one, source, int(facts.size()) - 1);
        columns.push(one);
    }
    for (const std::string& split : file.splits()) splits.set(split, int64_t(file.split(split).size()));
    json.set("columns", columns).set("splits", splits).set("warnings", column_warnings(source, facts));
    if (source.has_statistics()) json.set("statistics_of", source.statistics_split());
    Json history = Json::array();
    for (const std::string& record : file.history()) history.push(Json::parse(record, source.name()));
    return json.set("history", history).set("digest", source.digest());
}

std::string description_text(const Json& d) {
    std::string out = fmt::format("{:<10} {}\n", "samples", d.get<int64_t>("samples"));
    for (const Json& column : d.at("columns").items()) {
        std::string shape;
        for (const Json& size : column.at("shape").items())
            shape += (shape.empty() ? "" : ",") + std::to_string(size.as_int());
        out += fmt::format("{:<10} {}: {} {}{}", "column", visible(column.get<std::string>("name")),
                           visible(column.get<std::string>("kind")), column.get<std::string>("dtype"),
                           shape.empty() ? "" : "[" + shape + "]");
        if (column.contains("groups"))
            out += fmt::format(", {} groups, the largest of {} rows", column.get<int64_t>("groups"),
                               column.get<int64_t>("largest_group"));
        else if (column.contains("words"))
            out +=
                fmt::format(", {} bytes of text, {} words known, up to {} in a text", column.get<int64_t>("elements"),
                            column.get<int64_t>("words"), column.get<int64_t>("longest"));
        else if (column.contains("ragged")) out += fmt::format(", {} elements in all", column.get<int64_t>("elements"));
        if (const Json* labels = column.find("labels")) out += names_text(*labels, column.find("counts"));
        else out += numbers_text(column);
        if (column.get<std::string>("kind") == "mask") out += " pixels";
        if (column.contains("ignored")) out += fmt::format(", {} ignored", column.get<int64_t>("ignored"));
        if (column.contains("missing")) out += fmt::format(", {} missing", column.get<int64_t>("missing"));
        if (const Json* kept = column.find("encoded_bytes"))
            out += fmt::format(", kept as {} bytes of files", kept->as_int());
        if (const Json* rule = column.find("picture")) out += "; " + text(parse_rule(*rule, "the description"));
        out += "\n";
    }
    for (const auto& [name, rows] : d.at("splits").members())
        out += fmt::format("{:<10} {}: {} samples\n", "split", visible(name), rows.as_int());
    if (const Json* of = d.find("statistics_of"))
        out += fmt::format("{:<10} of {}\n", "statistics",
                           of->as_string().empty() ? "all rows" : "the split " + of->as_string());
    for (const Json& line : d.at("warnings").items())
        out += fmt::format("{:<10} {}\n", "warning", visible(line.as_string()));
    return out + fmt::format("{:<10} {}\n", "digest", d.get<std::string>("digest"));
}

void draw_samples(const DataSource& source, int64_t rows, int64_t columns, const std::string& path) {
    const int image = image_column(source), target = find_kind(source.file(), "target"),
              mask = find_kind(source.file(), "mask");
    const RowIds ids(source.file());
    std::vector<Tile> tiles;
    for (int64_t i = 0; i < std::min(source.rows(), rows * columns); ++i) {
        const Image picture = image_at(source, image, i);
        tiles.push_back({mask < 0 ? picture : overlaid(picture, mask_at(source, mask, i, picture)),
                         label_at(source, target, i), ids.at(source.file_row(i))});
    }
    draw_grid(tiles, columns, path);
}

void draw_predictions(const DataSource& source, const std::string& csv_path, int64_t rows, int64_t columns,
                      const std::string& path) {
    constexpr Colour right{0.1, 0.5, 0.2}, wrong{0.8, 0.1, 0.1};
    const Source file(csv_path, true);
    CsvReader table(file);
    const int guess = table.find("predicted"), truth = table.find("target"), image = image_column(source);
    if (guess < 0 || truth < 0)
        fail(Exit::data, "{}: no columns 'target' and 'predicted', which ds-eval --predictions writes; there are: {}",
             csv_path, table.columns());
    const RowIds ids(source.file());
    const int named = ids.name().empty() ? -1 : table.find(ids.name());
    std::vector<Tile> tiles;
    int64_t predictions = 0;
    for (; table.next(); ++predictions) {
        const std::string id = predictions < source.rows() ? ids.at(source.file_row(predictions)) : "";
        if (named >= 0 && !id.empty() && table.row()[size_t(named)] != id)
            fail(Exit::data,
                 "{}: line {} is of '{}', and that sample of {} is '{}': they are predictions of other data", csv_path,
                 table.line(), shown(table.row()[size_t(named)]), source.name(), shown(id));
        if (predictions >= std::min(source.rows(), rows * columns)) continue; // counted only
        const std::string &said = table.row()[size_t(guess)], &is = table.row()[size_t(truth)];
        const bool same = said == is;
        tiles.push_back(
            {image_at(source, image, predictions), same ? is : said + ", not " + is, id, same ? right : wrong});
    }
    if (predictions != source.rows())
        fail(Exit::data, "{}: {} predictions for the {} samples of {}", csv_path, predictions, source.rows(),
             source.name());
    draw_grid(tiles, columns, path);
}

} // namespace ds
