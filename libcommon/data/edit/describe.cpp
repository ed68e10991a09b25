#include "data/edit/describe.h"

#include <algorithm>

#include "base/error.h"
#include "base/escape.h"
#include "data/edit/cell.h"
#include "data/format/csv.h"
#include "data/picture/chart.h"

namespace ds {

Json describe(const DataSource& source) {
    const DataFileReader& file = source.file();
    Json json = Json::object(), columns = Json::array(), splits = Json::object();
    json.set("samples", source.rows());
    const Preprocessing preprocessing = source.preprocessing();
    for (const ColumnInfo& column : file.columns()) {
        Json one = Json::object();
        one.set("name", column.name)
            .set("kind", column.kind)
            .set("dtype", std::string(name(column.dtype)))
            .set("shape", column.item_shape);
        if (column.ragged) one.set("ragged", true).set("elements", file.offsets(file.find(column.name)).back());
        if (!column.labels.empty()) one.set("labels", column.labels);
        if (const auto how = preprocessing.columns.find(column.name);
            how != preprocessing.columns.end() && how->second.picture)
            one.set("picture", to_json(*how->second.picture));
        columns.push(one);
    }
    for (const std::string& split : file.splits()) splits.set(split, int64_t(file.split(split).size()));
    json.set("columns", columns).set("splits", splits);
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
        if (column.contains("ragged")) out += fmt::format(", {} elements in all", column.get<int64_t>("elements"));
        if (const Json* labels = column.find("labels")) {
            out += fmt::format(", {} names: ", labels->size());
            for (size_t i = 0; i < labels->size() && i < 10; ++i)
                out += (i ? ", " : "") + visible(labels->items()[i].as_string());
            if (labels->size() > 10) out += ", ...";
        }
        if (const Json* rule = column.find("picture")) out += "; " + text(parse_rule(*rule, "the description"));
        out += "\n";
    }
    for (const auto& [name, rows] : d.at("splits").members())
        out += fmt::format("{:<10} {}: {} samples\n", "split", visible(name), rows.as_int());
    if (const Json* of = d.find("statistics_of"))
        out += fmt::format("{:<10} of {}\n", "statistics",
                           of->as_string().empty() ? "all rows" : "the split " + of->as_string());
    return out + fmt::format("{:<10} {}\n", "digest", d.get<std::string>("digest"));
}

void draw_samples(const DataSource& source, int64_t rows, int64_t columns, const std::string& path) {
    const int image = image_column(source), target = find_kind(source.file(), "target");
    std::vector<Tile> tiles;
    for (int64_t i = 0; i < std::min(source.rows(), rows * columns); ++i)
        tiles.push_back({image_at(source, image, i), label_at(source, target, i)});
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
    std::vector<Tile> tiles;
    int64_t predictions = 0;
    for (; table.next(); ++predictions) {
        if (predictions >= std::min(source.rows(), rows * columns)) continue; // counted only
        const std::string &said = table.row()[size_t(guess)], &is = table.row()[size_t(truth)];
        const bool same = said == is;
        tiles.push_back({image_at(source, image, predictions), same ? is : said + ", not " + is, same ? right : wrong});
    }
    if (predictions != source.rows())
        fail(Exit::data, "{}: {} predictions for the {} samples of {}", csv_path, predictions, source.rows(),
             source.name());
    draw_grid(tiles, columns, path);
}

} // namespace ds
