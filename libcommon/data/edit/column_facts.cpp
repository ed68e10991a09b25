#include "data/edit/column_facts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/error.h"
#include "data/edit/cell.h"

namespace ds {
namespace {

constexpr int64_t rows_at_a_time = 4096, most_rows = 1'000'000;

double number_at(const ColumnInfo& column, const std::byte* raw, int64_t i) {
    switch (column.dtype) {
    case DType::u8: return double(reinterpret_cast<const uint8_t*>(raw)[i]);
    case DType::i8: return double(reinterpret_cast<const int8_t*>(raw)[i]);
    case DType::i32: return double(reinterpret_cast<const int32_t*>(raw)[i]);
    case DType::i64: return double(reinterpret_cast<const int64_t*>(raw)[i]);
    case DType::f64: return reinterpret_cast<const double*>(raw)[i];
    default: return double(reinterpret_cast<const float*>(raw)[i]);
    }
}

/// Hands over the numbers of a column's first rows, at most so many.
void each_number(const DataSource& source, int column, int64_t most, const std::function<void(double)>& each) {
    const ColumnInfo& info = source.file().columns()[size_t(column)];
    std::vector<std::byte> raw;
    std::vector<int64_t> rows;
    most = std::min(most, source.rows());
    for (int64_t at = 0; at < most; at += rows_at_a_time) {
        rows.clear();
        for (int64_t i = at; i < std::min(most, at + rows_at_a_time); ++i) rows.push_back(source.file_row(i));
        raw.resize(rows.size() * size_t(info.item_bytes()));
        source.file().gather(column, rows, raw.data());
        for (size_t r = 0; r < rows.size(); ++r) each(number_at(info, raw.data(), int64_t(r)));
    }
}

std::vector<double> numbers_of(const DataSource& source, int column) {
    std::vector<double> numbers;
    each_number(source, column, most_rows, [&](double v) { numbers.push_back(v); });
    return numbers;
}

/// The correlation of two columns over the rows that have both; 0 where one of them does not vary.
double correlation(const std::vector<double>& x, const std::vector<double>& y) {
    double n = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < x.size(); ++i) {
        if (std::isnan(x[i]) || std::isnan(y[i])) continue;
        const double dx = x[i] - mx, dy = y[i] - my; // Welford: far from zero the sums of squares would cancel
        ++n;
        mx += dx / n;
        my += dy / n;
        xx += dx * (x[i] - mx);
        yy += dy * (y[i] - my);
        xy += dx * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

/// True when the classes, in the order of x, change no more often than they must: x alone tells them.
bool separates(const std::vector<double>& x, const std::vector<double>& classes, int64_t kinds) {
    std::vector<size_t> order(x.size());
    std::iota(order.begin(), order.end(), size_t{0});
    if (std::ranges::any_of(x, [](double v) { return std::isnan(v); })) return false;
    std::ranges::sort(order, [&](size_t a, size_t b) { return x[a] != x[b] ? x[a] < x[b] : classes[a] < classes[b]; });
    int64_t changes = 0;
    for (size_t i = 1; i < order.size(); ++i) {
        if (classes[order[i]] == classes[order[i - 1]]) continue;
        if (x[order[i]] == x[order[i - 1]]) return false;
        ++changes;
    }
    return changes == kinds - 1;
}

/// True when each category has one class only, and there are few enough for that to mean something.
bool determines(const std::vector<double>& category, const std::vector<double>& classes, const ColumnFacts& facts) {
    if (facts.used() < 2 || facts.used() * 5 > int64_t(category.size())) return false;
    std::vector<double> first(facts.counts.size(), NAN);
    for (size_t i = 0; i < category.size(); ++i) {
        if (!(category[i] >= 0 && category[i] < double(first.size()))) continue;
        double& known = first[size_t(category[i])];
        if (std::isnan(known)) known = classes[i];
        if (known != classes[i]) return false;
    }
    return true;
}

} // namespace

int64_t ColumnFacts::used() const {
    return std::ranges::count_if(counts, [](int64_t n) { return n > 0; });
}

bool ColumnFacts::is_constant() const {
    if (!counts.empty()) return used() < 2;
    return missing == rows || (missing == 0 && least == greatest);
}

bool has_facts(const ColumnInfo& column) {
    const bool kind =
        column.kind == "number" || column.kind == "category" || column.kind == "target" || column.kind == "weight";
    return kind && !column.ragged && column.item_shape.empty() && column.dtype != DType::boolean;
}

ColumnFacts column_facts(const DataSource& source, int column) {
    ColumnFacts facts;
    facts.counts.resize(source.file().columns()[size_t(column)].labels.size());
    facts.rows = source.rows();
    facts.least = INFINITY;
    facts.greatest = -INFINITY;
    each_number(source, column, source.rows(), [&](double v) {
        if (std::isnan(v)) {
            ++facts.missing;
            return;
        }
        if (v >= 0 && v < double(facts.counts.size())) ++facts.counts[size_t(v)];
        facts.least = std::min(facts.least, v);
        facts.greatest = std::max(facts.greatest, v);
        facts.mean += v / double(facts.rows);
    });
    const double present = double(facts.rows - facts.missing);
    if (present == 0) facts.least = facts.greatest = 0;
    else facts.mean *= double(facts.rows) / present;
    return facts;
}

std::vector<std::string> column_warnings(const DataSource& source, const std::vector<ColumnFacts>& facts) {
    const std::vector<ColumnInfo>& columns = source.file().columns();
    const int target = find_kind(source.file(), "target");
    const bool compares = target >= 0 && has_facts(columns[size_t(target)]) && source.rows() >= 30;
    const std::vector<double> y = compares ? numbers_of(source, target) : std::vector<double>{};
    std::vector<double> kinds = y;
    std::ranges::sort(kinds);
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    const bool classes = compares && (!columns[size_t(target)].labels.empty() || kinds.size() == 2);
    std::vector<std::string> lines;
    for (size_t c = 0; c < columns.size(); ++c) {
        const ColumnInfo& column = columns[c];
        if (!has_facts(column) || column.kind == "weight") continue;
        if (facts[c].is_constant()) {
            lines.push_back(fmt::format("column '{}' is the same in all rows: it teaches nothing", column.name));
            continue;
        }
        if (!compares || column.kind == "target") continue;
        const std::vector<double> x = numbers_of(source, int(c));
        bool tells = false;
        if (column.kind == "category") tells = determines(x, y, facts[c]);
        else if (classes) tells = kinds.size() > 1 && separates(x, y, int64_t(kinds.size()));
        else tells = std::abs(correlation(x, y)) > 0.9995;
        if (tells)
            lines.push_back(
                fmt::format("column '{}' tells the target '{}' by itself: is it known when the model is used? "
                            "(--drop {} when it is not)",
                            column.name, columns[size_t(target)].name, column.name));
    }
    return lines;
}

} // namespace ds
