#include "report/eval_report.h"

#include <algorithm>

#include "base/error.h"
#include "base/escape.h"
#include "data/format/csv.h"

namespace ds {
namespace {

std::string shown_label(const OutputNames& names, int64_t k) { return visible(names.label(k)); }

size_t label_width(const Metrics& metrics, const OutputNames& names) {
    size_t width = 5;
    for (int64_t k = 0; k < metrics.classes(); ++k) width = std::max(width, shown_label(names, k).size());
    return width;
}

/// Each behind a comma.
std::string csv_fields(const std::vector<std::string>& fields) {
    std::string out;
    for (const std::string& field : fields) out += "," + csv_field(field);
    return out;
}

} // namespace

std::string table(const Metrics& metrics, const std::string& data) {
    std::string out = fmt::format("{:<17} {}\n{:<17} {}\n", "data", visible(data), "samples", metrics.samples());
    for (const MetricRow& row : metrics.task().metrics)
        out += fmt::format("{:<17} {:.4f}{}\n", row.name, metrics.value(row),
                           row.at_threshold ? fmt::format("  at threshold {:g}", metrics.threshold()) : "");
    return out;
}

std::string class_table(const Metrics& metrics, const OutputNames& names) {
    const size_t width = label_width(metrics, names);
    const bool overlaps = metrics.task().overlaps;
    std::string out = fmt::format("{:<{}}  {:>7}  {:>9}  {:>7}  {:>7}{}\n", "class", width, metrics.task().counted,
                                  "precision", "recall", "f1", overlaps ? "      iou" : "");
    const std::vector<ClassMetrics> all = metrics.per_class();
    for (size_t k = 0; k < all.size(); ++k)
        out += fmt::format("{:<{}}  {:>7}  {:>9.4f}  {:>7.4f}  {:>7.4f}{}\n", shown_label(names, int64_t(k)), width,
                           all[k].count, all[k].precision, all[k].recall, all[k].f1,
                           overlaps ? fmt::format("  {:>7.4f}", all[k].iou) : "");
    return out;
}

std::string confusion_table(const Metrics& metrics, const OutputNames& names) {
    const size_t width = std::max<size_t>(label_width(metrics, names), 12);
    const std::vector<int64_t> confusion = metrics.confusion();
    const int64_t most = confusion.empty() ? 0 : *std::ranges::max_element(confusion);
    const size_t cell = std::max<size_t>(6, std::to_string(most).size());
    std::string out = fmt::format("{:<{}}", "true \\ given", width);
    for (int64_t k = 0; k < metrics.classes(); ++k) out += fmt::format(" {:>{}.{}}", shown_label(names, k), cell, cell);
    out += "\n";
    for (int64_t t = 0; t < metrics.classes(); ++t) {
        out += fmt::format("{:<{}}", shown_label(names, t), width);
        for (int64_t k = 0; k < metrics.classes(); ++k)
            out += fmt::format(" {:>{}}", confusion[size_t(t * metrics.classes() + k)], cell);
        out += "\n";
    }
    return out;
}

Json to_json(const Metrics& metrics, const std::string& data, const OutputNames& names) {
    Json json = Json::object();
    json.set("task", metrics.task().name).set("data", data).set("samples", metrics.samples());
    if (metrics.spoilt() > 0) json.set("not_finite", metrics.spoilt());
    for (const auto& [name, value] : metrics.values()) json.set(name, value);
    if (metrics.task().has_threshold()) json.set("threshold", metrics.threshold());
    const std::vector<ClassMetrics> all = metrics.per_class();
    if (all.empty() || metrics.spoilt() > 0) return json;
    const std::vector<int64_t> counts = metrics.confusion();
    Json classes = Json::array(), confusion = Json::array();
    for (size_t k = 0; k < all.size(); ++k) {
        Json one = Json::object();
        one.set("class", names.label(int64_t(k))).set(std::string(metrics.task().counted), int64_t(all[k].count));
        one.set("precision", all[k].precision).set("recall", all[k].recall);
        one.set("f1", all[k].f1);
        if (metrics.task().overlaps) one.set("iou", all[k].iou);
        classes.push(one);
        const auto row = counts.begin() + int64_t(k * all.size());
        confusion.push(Json(std::vector<int64_t>(row, row + int64_t(all.size()))));
    }
    json.set("classes", classes).set("confusion", confusion);
    return json;
}

void PredictionTable::add(const TensorView& output, const Tensor& target, const std::vector<std::string>& samples,
                          const OutputNames& names) {
    const auto n = int64_t(samples.size());
    samples_.insert(samples_.end(), samples.begin(), samples.end());
    OutputNames own = names;
    item_.assign(output.shape.begin() + 1, output.shape.end());
    own.item = item_;
    const int64_t size = count(item_);
    for (int64_t i = 0; i < n * size; ++i) outputs_.push_back(float_at(output, i));
    for (int64_t s = 0; s < n; ++s) targets_.push_back(csv_fields(printing_.target_fields(target, s, own)));
    if (waits_) return;
    for (int64_t s = 0; s < n; ++s)
        fields_.push_back(csv_fields(printing_.fields(Outputs(outputs_).subspan(size_t(s * size), size_t(size)), own)));
    outputs_.clear();
}

std::string PredictionTable::csv(const OutputNames& names) const {
    OutputNames own = names;
    own.item = item_;
    const int64_t size = count(item_);
    std::vector<std::string> columns = printing_.target_columns(size, own);
    for (std::string& column : printing_.columns(size, own)) columns.push_back(std::move(column));
    const bool taken = std::ranges::count(columns, id_) > 0; // two columns of a name are no table
    std::string out = (taken ? "sample" : csv_field(id_)) + csv_fields(columns) + "\n";
    for (size_t s = 0; s < targets_.size(); ++s) {
        out += csv_field(samples_[s]) + targets_[s];
        out += waits_ ? csv_fields(printing_.fields(Outputs(outputs_).subspan(s * size_t(size), size_t(size)), own))
                      : fields_[s];
        out += "\n";
    }
    return out;
}

} // namespace ds
