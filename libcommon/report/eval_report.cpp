#include "report/eval_report.h"

#include <algorithm>

#include "base/error.h"
#include "base/escape.h"
#include "data/format/csv.h"
#include "task/ranked_list.h"

namespace ds {
namespace {

std::string shown_label(const OutputNames& names, int64_t k) { return visible(names.label(k)); }

size_t label_width(const Metrics& metrics, const OutputNames& names) {
    size_t width = 5;
    const auto classes = int64_t(metrics.per_class().size());
    for (int64_t k = 0; k < classes; ++k) width = std::max(width, shown_label(names, k).size());
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
    size_t width = 17;
    for (const MetricRow& row : metrics.task().metrics) width = std::max(width, row.name.size());
    std::string out =
        fmt::format("{:<{}} {}\n{:<{}} {}\n", "data", width, visible(data), "samples", width, metrics.samples());
    for (const auto& [name, count] : metrics.counts()) out += fmt::format("{:<{}} {}\n", name, width, count);
    for (const MetricRow& row : metrics.task().metrics)
        if (metrics.has(row))
            out += fmt::format("{:<{}} {:.4f}{}\n", row.name, width, metrics.value(row),
                               row.at_threshold ? fmt::format("  at threshold {:g}", metrics.threshold()) : "");
    return out;
}

namespace {

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

/// "classes" and "confusion", where there are any.
void add_classes(Json& json, const Metrics& metrics, const OutputNames& names) {
    const std::vector<ClassMetrics> all = metrics.per_class();
    if (all.empty() || metrics.spoilt() > 0) return;
    const std::vector<int64_t> counts = metrics.confusion();
    Json classes = Json::array(), confusion = Json::array();
    for (size_t k = 0; k < all.size(); ++k) {
        Json one = Json::object();
        one.set("class", names.label(int64_t(k))).set(std::string(metrics.task().counted), int64_t(all[k].count));
        one.set("precision", all[k].precision).set("recall", all[k].recall);
        one.set("f1", all[k].f1);
        if (metrics.task().overlaps) one.set("iou", all[k].iou);
        classes.push(one);
        if (counts.empty()) continue; // of labels
        const auto row = counts.begin() + int64_t(k * all.size());
        confusion.push(Json(std::vector<int64_t>(row, row + int64_t(all.size()))));
    }
    json.set("classes", classes);
    if (!counts.empty()) json.set("confusion", confusion);
}

} // namespace

std::string class_tables(const Metrics& metrics, const OutputNames& names) {
    std::string out;
    for (size_t i = 0; i < std::max<size_t>(1, names.parts.size()); ++i) {
        const Metrics& part = metrics.part(i);
        if (part.per_class().empty()) continue;
        const OutputNames& own = names.parts.empty() ? names : names.parts[i].names;
        if (!names.parts.empty()) out += "\n" + visible(names.parts[i].name) + "\n";
        out += "\n" + class_table(part, own);
        if (part.classes() > 0) out += "\n" + confusion_table(part, own);
    }
    return out;
}

Json to_json(const Metrics& metrics, const std::string& data, const OutputNames& names) {
    Json json = Json::object();
    json.set("task", metrics.task().name).set("data", data).set("samples", metrics.samples());
    for (const auto& [name, count] : metrics.counts()) json.set(name, count);
    if (metrics.spoilt() > 0) json.set("not_finite", metrics.spoilt());
    for (const auto& [name, value] : metrics.values()) json.set(name, value);
    if (metrics.task().has_threshold()) json.set("threshold", metrics.threshold());
    if (names.parts.empty()) add_classes(json, metrics, names);
    Json targets = Json::object();
    for (size_t i = 0; i < names.parts.size(); ++i) {
        Json own = Json::object();
        add_classes(own, metrics.part(i), names.parts[i].names);
        targets.set(names.parts[i].name, own);
    }
    if (!names.parts.empty()) json.set("targets", targets);
    return json;
}

namespace {

/// A column's name that none of the others has.
std::string unlike(std::string name, const std::string& otherwise, const std::vector<std::string>& others) {
    for (std::string next = otherwise; std::ranges::count(others, name) > 0; next += "_") name = next;
    return name;
}

} // namespace

PredictionTable::PredictionTable(const Task& task, const OutputNames& names, std::string id, std::string group)
    : waits_(task.has_threshold() || task.ranks), ranks_(task.ranks), id_(std::move(id)), group_(std::move(group)) {
    if (names.parts.empty()) heads_.push_back({{"", task.printing, names}});
    for (const OutputPart& part : names.parts) heads_.push_back({part});
}

void PredictionTable::add(const std::vector<HeadValues>& heads, const std::vector<std::string>& names,
                          const std::vector<std::string>& groups) {
    const auto samples = int64_t(names.size());
    samples_.insert(samples_.end(), names.begin(), names.end());
    groups_.insert(groups_.end(), groups.begin(), groups.end());
    const size_t before = targets_.size();
    targets_.resize(before + size_t(samples));
    for (size_t h = 0; h < heads_.size(); ++h) {
        OutputPart& part = heads_[h].part;
        const TensorView& output = heads[h].output;
        part.names.item.assign(output.shape.begin() + 1, output.shape.end());
        const int64_t n = count(part.names.item);
        part.size = part.names.of_input ? 2 * n : n;
        for (int64_t s = 0; s < samples; ++s) {
            for (int64_t i = s * n; i < (s + 1) * n; ++i) heads_[h].outputs.push_back(float_at(output, i));
            for (int64_t i = s * n; part.names.of_input && i < (s + 1) * n; ++i)
                heads_[h].outputs.push_back(target_number(*heads[h].target, i));
        }
        const auto unread = [&](int64_t s) { return heads[h].unread ? &(*heads[h].unread)[size_t(s)] : nullptr; };
        for (int64_t s = 0; part.printing->length && s < samples; ++s)
            heads_[h].lengths.push_back(part.printing->length(*heads[h].target, s) +
                                        (unread(s) ? std::ssize(*unread(s)) : 0));
        for (int64_t s = 0; s < samples; ++s) {
            part.names.unread = unread(s);
            targets_[before + size_t(s)] += csv_fields(part.printing->target_fields(*heads[h].target, s, part.names));
        }
        part.names.unread = nullptr;
    }
    if (waits_) return;
    for (int64_t s = 0; s < samples; ++s) fields_.push_back(fields_of(size_t(s), 0.5));
    for (Column& head : heads_) head.outputs.clear(), head.lengths.clear();
}

/// Of sample s of the outputs that are kept.
std::string PredictionTable::fields_of(size_t s, double threshold) const {
    std::string out;
    for (const Column& head : heads_) {
        const auto size = size_t(head.part.size);
        OutputNames names = head.part.names;
        names.threshold = threshold;
        if (!head.lengths.empty()) names.length = head.lengths[s];
        out += csv_fields(head.part.printing->fields(Outputs(head.outputs).subspan(s * size, size), names));
    }
    return out;
}

/// Of a ranking's samples, whose outputs are one score.
std::vector<int64_t> PredictionTable::ranks() const {
    std::vector<std::string> groups = groups_;
    groups.resize(samples_.size()); // without groups all are of one
    return ranks_in_groups(groups, heads_[0].outputs);
}

std::string PredictionTable::csv(double threshold) const {
    std::vector<std::string> targets, predicted;
    for (const Column& head : heads_) {
        for (const std::string& field : head.part.printing->target_columns(head.part.size, head.part.names))
            targets.push_back(head.part.field(field));
        for (const std::string& field : head.part.printing->columns(head.part.size, head.part.names))
            predicted.push_back(head.part.field(field));
    }
    if (ranks_) predicted.emplace_back("rank");
    std::vector<std::string> taken = targets; // no column comes twice
    taken.insert(taken.end(), predicted.begin(), predicted.end());
    const std::string id = unlike(id_, "sample", taken);
    taken.push_back(id);
    std::string out = group_.empty() ? "" : csv_field(unlike(group_, "group", taken)) + ",";
    out += csv_field(id) + csv_fields(targets) + csv_fields(predicted) + "\n";
    const std::vector<int64_t> places = ranks_ ? ranks() : std::vector<int64_t>{};
    for (size_t s = 0; s < targets_.size(); ++s) {
        if (!group_.empty()) out += csv_field(groups_[s]) + ",";
        out += csv_field(samples_[s]) + targets_[s] + (waits_ ? fields_of(s, threshold) : fields_[s]);
        if (ranks_) out += "," + std::to_string(places[s]);
        out += "\n";
    }
    return out;
}

} // namespace ds
