#include "data/batch/targets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "base/error.h"
#include "base/names.h"
#include "data/batch/alike.h"
#include "data/batch/each_row.h"
#include "data/batch/groups.h"
#include "data/batch/row_texts.h"
#include "data/batch/tell_texts.h"
#include "data/import/import.h"
#include "ops/loss.h"

namespace ds {
namespace {

constexpr double greatest_number = 1e37; // floats end at 3e38, and differences and multiples of it are still to fit

/// What is wrong with a value, or "".
using Complaint = std::function<std::string(double)>;

Complaint about_classes(const Graph& graph, const Node& loss, const InputBinding& binding) {
    const Dim last = graph.type(loss.in[0]).shape.back();
    const int64_t classes = last.known() ? last.value() : INT32_MAX;
    const double ignored = double(loss.as<CrossEntropyAttrs>().ignore_index);
    return [classes, ignored, remap = binding.remap](double value) -> std::string {
        if (value == ignored) return "";
        if (!(value == std::trunc(value))) return "and the loss takes whole numbers of classes";
        if (!remap.empty()) return value >= 0 && value < double(remap.size()) ? "" : "for which there is no name";
        return value >= 0 && value < double(classes)
                   ? ""
                   : fmt::format("and the model has {} classes, 0 to {}", classes, classes - 1);
    };
}

/// 2 to the power of a relevance is a gain, which a float holds.
std::string about_relevance(double v) { return v >= 0 && v <= 31 ? "" : "and relevances are numbers from 0 to 31"; }

/// Order is learned from pairs of different relevance in one group.
void check_pairs(const DataSource& source, const InputBinding& groups, const InputBinding& target) {
    const Groups all(source, groups.column);
    constexpr double none = -1;
    std::vector<double> first(size_t(all.count()), none); // relevance of each group
    bool any = false;
    each_row(source, target.column, [&](int64_t row, std::span<const double> values) {
        double& own = first[size_t(all.number(row))];
        if (own == none) own = values[0];
        any = own != values[0];
        return !any;
    });
    if (!any)
        fail(Exit::data, "{}: in each of the {} groups of '{}' all rows have the same '{}'; there is no order to learn",
             source.name(), all.count(), groups.input.substr(groups_of.size()), target.input);
}

/// Of the number of a class that nobody counts.
std::string about_class(double v) {
    const bool is_class = v == double(ignored_class) || (v >= 0 && v <= INT32_MAX && v == std::trunc(v));
    return is_class ? "" : "and classes are whole numbers from 0 up";
}

Complaint complaint(const Graph& graph, bool zero_or_one, bool relevance, const InputBinding& binding,
                    const ColumnInfo& column, const std::string& where) {
    if (const Node* loss = softmax_of(graph, binding.input)) return about_classes(graph, *loss, binding);
    const size_t names = column.labels.size();
    if (zero_or_one) {
        if (names > 2 && column.item_shape.empty())
            fail(Exit::data, "{}: target '{}' has {} classes, and a binary model tells two apart", where, column.name,
                 names);
        return [](double v) { return v == 0 || v == 1 ? "" : "and a binary model takes 0 and 1"; };
    }
    if (names > 0)
        fail(Exit::data, "{}: target '{}' has names of classes ({}, ...), and the model's loss takes numbers", where,
             column.name, column.labels[0]);
    if (relevance) return about_relevance;
    return [](double v) {
        if (!std::isfinite(v)) return "which is no finite number";
        return std::abs(v) <= greatest_number ? ""
                                              : "and numbers beyond 1e37 are too large to learn; take another unit";
    };
}

class TargetCheck {
public:
    TargetCheck(const DataSource& source, const ColumnInfo& column, const InputBinding& binding, bool learns)
        : source_(source), column_(column), binding_(binding), learns_(learns) {}

    void run(const Complaint& wrong) {
        const bool is_mask = binding_.is_mask;
        std::array<std::string, 256> wrong_byte; // of masks: asked once, not for each of their pixels
        for (size_t k = 0; is_mask && k < ignored_pixel; ++k) wrong_byte[k] = wrong(double(k));
        bool counts = !is_mask; // some pixel does
        each_row(source_, binding_.column, [&](int64_t row, std::span<const double> values) {
            for (double value : values) {
                const std::string& why = is_mask ? wrong_byte[size_t(value) & 255] : other_ = wrong(value);
                if (!why.empty()) refuse(row, value, why);
                counts = counts || value != ignored_pixel;
                least_ = std::min(least_, value), greatest_ = std::max(greatest_, value);
            }
            if (first_.empty() && !values.empty())
                first_.assign(values.begin(), binding_.is_tags ? values.begin() + 1 : values.end());
            if (binding_.is_tags)
                same_ = same_ && std::ranges::all_of(values, [&](double v) { return v == first_[0]; });
            else same_ = same_ && std::ranges::equal(first_, values);
            return true;
        });
        if (!counts) fail(Exit::data, "{}: every pixel of '{}' is ignored", source_.name(), column_.name);
        if (learns_ && same_ && !first_.empty()) refuse_same();
        if (learns_ && column_.labels.empty()) check_digits();
    }

private:
    std::string shown_value(double value) const {
        const bool named = value >= 0 && value < double(column_.labels.size());
        return named ? column_.labels[size_t(value)] : fmt::format("{:.9g}", value);
    }
    /// Models compute and are measured in floats: what numbers of 64 bits differ by is to be far more than their
    /// spacing.
    void check_digits() const {
        if (column_.dtype != DType::f64 && column_.dtype != DType::i64) return;
        const double size = std::max(std::abs(least_), std::abs(greatest_)),
                     spacing = size * std::numeric_limits<float>::epsilon();
        if (greatest_ - least_ < 1000 * spacing)
            fail(Exit::data,
                 "{}: target '{}' is {:.17g} to {:.17g}, which differ in digits that 32-bit floats do not hold; "
                 "subtract "
                 "what its numbers share",
                 source_.name(), column_.name, least_, greatest_);
    }
    [[noreturn]] void refuse_same() const {
        const std::string value = first_.size() == 1 ? shown_value(first_[0]) : "an array";
        if (source_.rows() == 1)
            fail(Exit::data, "{}: there is one sample alone, with '{}' {}; there is nothing to learn", source_.name(),
                 column_.name, value);
        fail(Exit::data, "{}: all {} samples have the same '{}' ({}); there is nothing to learn", source_.name(),
             source_.rows(), column_.name, value);
    }
    [[noreturn]] void refuse(int64_t row, double value, const std::string& why) const {
        fail(Exit::data, "{}: target '{}' is {} in {}, {}", source_.name(), column_.name, fmt::format("{:.9g}", value),
             source_.place(row), why);
    }

    const DataSource& source_;
    const ColumnInfo& column_;
    const InputBinding& binding_;
    bool learns_, same_ = true;
    double least_ = std::numeric_limits<double>::infinity(), greatest_ = -least_;
    std::string other_; // what is wrong with a value that is no byte of a mask
    std::vector<double> first_;
};

/// A sentence has a tag for each of its words.
void check_tags(const std::vector<InputBinding>& bindings, const InputBinding& tags, const DataSource& source) {
    const InputBinding* words = find_texts(bindings);
    const auto& columns = source.file().columns();
    if (!words) return;
    RowTexts texts(source, *words);
    std::vector<int32_t> none;
    each_row(source, tags.column, [&](int64_t row, std::span<const double> values) {
        const int64_t n = words->vocabulary->write(texts.at(row), none).words;
        if (n != std::ssize(values))
            fail(Exit::data, "{}: '{}' has {} words and '{}' {} tags in {}", source.name(),
                 columns[size_t(words->column)].name, n, columns[size_t(tags.column)].name, values.size(),
                 source.place(row));
        return true;
    });
}

/// Partners are learned by telling them from others.
void check_others(const DataSource& source, const InputBinding& binding) {
    const Alike alike(source, binding.input);
    for (const size_t side : {0, 1}) {
        const auto is_first = [&](int64_t row) { return alike.numbers(row)[side] == alike.numbers(0)[side]; };
        bool all = true;
        for (int64_t row = 1; all && row < source.rows(); ++row) all = is_first(row);
        if (all)
            fail(Exit::data, "{}: the {} of all {} pairs are the same one; there is nothing to tell apart",
                 source.name(), side == 0 ? "firsts" : "seconds", source.rows());
    }
}

} // namespace

const Node* softmax_of(const Graph& graph, const std::string& target) {
    const Input* input = graph.find_input(target);
    for (const Node& node : graph.nodes)
        if (input && node.op->name == "cross_entropy" && node.in.size() > 1 && node.in[1] == input->value) return &node;
    return nullptr;
}

void check_targets(const Graph& graph, const std::set<std::string>& zero_or_one,
                   const std::vector<InputBinding>& bindings, const DataSource& source, bool learns,
                   const std::set<std::string>& relevances, const std::set<std::string>& classes) {
    const auto groups = std::ranges::find(bindings, true, &InputBinding::is_group);
    for (const InputBinding& binding : bindings) {
        if (learns && is_of_alike(binding.input)) check_others(source, binding);
        if (binding.role != InputRole::target || binding.is_text || binding.is_group)
            continue; // bytes are tokens, whichever they are
        const ColumnInfo& column = source.file().columns()[size_t(binding.column)];
        if (binding.is_tags) check_tags(bindings, binding, source);
        TargetCheck(source, column, binding, learns)
            .run(classes.contains(binding.input)
                     ? about_class
                     : complaint(graph, zero_or_one.contains(binding.input), relevances.contains(binding.input),
                                 binding, column, source.name()));
        if (learns && groups != bindings.end() && relevances.contains(binding.input))
            check_pairs(source, *groups, binding);
    }
}

namespace {

void check_category(const InputBinding& binding, const ColumnInfo& column, const DataSource& source) {
    const bool all_known = std::ranges::none_of(binding.remap, [](int32_t k) { return k < 0; });
    if (all_known || binding.how.unknown >= 0) return;
    each_row(source, binding.column, [&](int64_t row, std::span<const double> values) {
        for (double v : values)
            if (v >= 0 && v < double(binding.remap.size()) && binding.remap[size_t(v)] < 0)
                fail(
                    Exit::data,
                    "{}: column '{}' is '{}' in {}, which is none of the names that the model was made for; leave such "
                    "rows out, or train a model with a place for unseen names (tabular has)",
                    source.name(), column.name, shown(column.labels[size_t(v)]), source.place(row));
        return true;
    });
}

void check_present(const InputBinding& binding, const ColumnInfo& column, const DataSource& source) {
    if (column.kind != "number" || !is_float(column.dtype) || binding.how.missing != Missing::refused) return;
    each_row(source, binding.column, [&](int64_t row, std::span<const double> values) {
        if (std::ranges::any_of(values, [](double v) { return std::isnan(v); }))
            fail(Exit::data,
                 "{}: column '{}' is missing in {}, and the model has no place for that (see 'columns: {{missing: "
                 "true}}' of model files, as in the model tabular)",
                 source.name(), column.name, source.place(row));
        return true;
    });
}

} // namespace

void check_inputs(const std::vector<InputBinding>& bindings, const DataSource& source) {
    for (const InputBinding& binding : bindings) {
        if (binding.role != InputRole::data || binding.is_text) continue;
        if (binding.vocabulary && binding.feature != TokenFeature::word) continue; // told already
        if (binding.vocabulary) {
            tell_of_texts(binding, source);
            continue;
        }
        const ColumnInfo& column = source.file().columns()[size_t(binding.column)];
        if (!binding.remap.empty()) check_category(binding, column, source);
        else if (column.item_shape.empty()) check_present(binding, column, source);
    }
}

TargetStatistics target_statistics(const InputBinding& binding, const DataSource& source, int64_t channels) {
    StatisticsGatherer gatherer(channels);
    each_row(source, binding.column, [&](int64_t, std::span<const double> values) {
        gatherer.add(values.data(), int64_t(values.size()) / channels, 1);
        return true;
    });
    return {gatherer.mean(), gatherer.deviation()};
}

} // namespace ds
