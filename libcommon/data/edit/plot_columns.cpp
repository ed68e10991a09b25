#include "data/edit/plot_columns.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/escape.h"
#include "base/log.h"
#include "data/batch/each_row.h"
#include "data/edit/column_facts.h"
#include "data/picture/sheet.h"
#include "data/text/documents.h"

namespace ds {
namespace {

constexpr size_t most_columns = 400, most_names = 10;
constexpr int64_t most_bins = 30;

bool is_date(const ColumnInfo& column) {
    const auto parse = column.attributes.find("parse");
    return parse != column.attributes.end() && parse->second == "date";
}

/// Days since 1970 as the day, where a calendar has it.
std::string date_text(double days) {
    if (!(std::abs(days) < 3e6)) return fmt::format("{:.6g}", days);
    const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{int64_t(std::floor(days))}}};
    return fmt::format("{:04}-{:02}-{:02}", int(day.year()), unsigned(day.month()), unsigned(day.day()));
}

std::string bound_text(const ColumnInfo& column, double value) {
    return is_date(column) ? date_text(value) : fmt::format("{:.6g}", value);
}

/// What the finite numbers of a column are.
struct Range {
    double least = INFINITY, greatest = -INFINITY;
    int64_t missing = 0, infinite = 0;
    bool whole = true;

    void add(double v) {
        if (std::isnan(v)) ++missing;
        else if (std::isinf(v)) ++infinite;
        else {
            least = std::min(least, v);
            greatest = std::max(greatest, v);
            whole = whole && v == std::trunc(v);
        }
    }
    bool empty() const { return least > greatest; }
    /// Few whole numbers have a bin each.
    int64_t bins() const {
        if (empty()) return 0;
        if (least == greatest) return 1;
        return whole && greatest - least < double(most_bins) ? int64_t(greatest - least) + 1 : most_bins;
    }
    int64_t bin(double v) const {
        const bool one_each = whole && greatest - least < double(most_bins);
        if (one_each) return int64_t(v - least);
        // Halved, as the range of all floats is more than a float.
        const double part = (v / 2 - least / 2) / (greatest / 2 - least / 2);
        return std::min(int64_t(part * double(bins())), bins() - 1);
    }
};

void add_numbers(CountChart& chart, const DataSource& source, int index, const ColumnInfo& column) {
    Range range;
    each_row(source, index, [&](int64_t, std::span<const double> v) {
        range.add(v[0]);
        return true;
    });
    chart.missing = range.missing;
    if (range.missing > 0) chart.note = fmt::format("{} missing", range.missing);
    if (range.infinite > 0) chart.note += fmt::format("{}{} infinite", chart.note.empty() ? "" : ", ", range.infinite);
    if (range.empty()) return chart.words.push_back("no row has a number");
    chart.counts.resize(size_t(range.bins()));
    each_row(source, index, [&](int64_t, std::span<const double> v) {
        if (std::isfinite(v[0])) ++chart.counts[size_t(range.bin(v[0]))];
        return true;
    });
    chart.least = bound_text(column, range.least);
    if (range.greatest > range.least) chart.greatest = bound_text(column, range.greatest);
}

/// All names in their order where they are few, else the most frequent ones and the rest together.
void add_names(CountChart& chart, const ColumnInfo& column, const ColumnFacts& facts) {
    std::vector<size_t> order(column.labels.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const bool all = order.size() <= most_names;
    if (!all) std::ranges::stable_sort(order, std::greater{}, [&](size_t k) { return facts.counts[k]; });
    int64_t rest = 0, left_out = 0;
    for (size_t i = 0; i < order.size(); ++i) {
        if (!all && i + 1 >= most_names) {
            rest += facts.counts[order[i]];
            ++left_out;
            continue;
        }
        const std::string& name = column.labels[order[i]];
        chart.names.push_back(name.empty() ? "(empty)" : visible(name));
        chart.counts.push_back(facts.counts[order[i]]);
    }
    if (left_out > 0) {
        chart.names.push_back(fmt::format("{} others", left_out));
        chart.counts.push_back(rest);
    }
    chart.note = fmt::format("{} name{}", column.labels.size(), column.labels.size() == 1 ? "" : "s");
}

CountChart chart_of(const DataSource& source, int index) {
    const ColumnInfo& column = source.file().columns()[size_t(index)];
    CountChart chart;
    chart.title = visible(column.name);
    chart.is_target = column.kind == "target";
    if (!has_facts(column)) {
        if (column.kind == "id") chart.words.push_back("names of rows");
        else if (is_document(column)) chart.words.push_back("texts");
        else if (has_tags(column)) chart.words.push_back(fmt::format("{} tags of words", column.labels.size()));
        else if (column.kind == "group") chart.words.push_back("names of groups of rows");
        else
            chart.words.push_back(fmt::format("{}: {}{}", visible(column.kind), name(column.dtype),
                                              column.ragged ? ", rows of any length" : text(column.item_shape)));
        return chart;
    }
    if (column.labels.empty()) add_numbers(chart, source, index, column);
    else add_names(chart, column, column_facts(source, index));
    return chart;
}

} // namespace

std::vector<CountChart> column_charts(const DataSource& source) {
    const size_t columns = source.file().columns().size();
    std::vector<CountChart> charts;
    for (size_t c = 0; c < std::min(columns, most_columns); ++c) charts.push_back(chart_of(source, int(c)));
    return charts;
}

void plot_columns(const DataSource& source, const std::string& path) {
    const size_t columns = source.file().columns().size();
    if (columns > most_columns)
        log::warning(fmt::format("{}: the first {} of {} columns are drawn", source.name(), most_columns, columns));
    const std::vector<CountChart> charts = column_charts(source);
    // About as wide as it is high, and never so wide that a page cannot show it.
    const auto across = std::clamp<int64_t>(int64_t(std::ceil(std::sqrt(double(charts.size())))), 1, 8);
    draw_sheet(charts, across, path);
}

} // namespace ds
