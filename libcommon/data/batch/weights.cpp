#include "data/batch/weights.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "data/batch/each_row.h"

namespace ds {
namespace {

struct Named {
    std::string name;
    double weight = 1;
};

/// "a=2,b=0.5"; a comma within a name is one that no number stands before.
std::vector<Named> parse_named(const std::string& spec) {
    std::vector<Named> all;
    std::string rest;
    for (size_t at = 0; at <= spec.size();) {
        const size_t end = std::min(spec.find(',', at), spec.size());
        const std::string piece = (rest.empty() ? "" : rest + ",") + spec.substr(at, end - at);
        at = end + 1;
        const size_t equals = piece.rfind('=');
        if (equals == piece.npos && at <= spec.size()) {
            rest = piece;
            continue;
        }
        rest.clear();
        Named one{piece.substr(0, equals)};
        const char* number = piece.data() + std::min(piece.size(), equals == piece.npos ? equals : equals + 1);
        const auto [stop, error] = std::from_chars(number, piece.data() + piece.size(), one.weight);
        const bool sound = equals != piece.npos && equals > 0 && error == std::errc() &&
                           stop == piece.data() + piece.size() && one.weight >= 0 && one.weight <= 1e9;
        if (!sound)
            fail(Exit::usage, "--class-weight takes balanced, or NAME=WEIGHT,... with weights from 0, not '{}'",
                 shown(piece));
        all.push_back(std::move(one));
    }
    return all;
}

/// The class of this name or number, -1 for none.
int64_t class_of(const std::string& word, int64_t classes, const std::vector<std::string>& names) {
    for (size_t k = 0; k < names.size(); ++k)
        if (names[k] == word) return int64_t(k);
    int64_t number = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool sound = names.empty() && error == std::errc() && end == word.data() + word.size();
    return sound && number >= 0 && number < classes ? number : -1;
}

std::vector<double> named_weights(const std::string& spec, int64_t classes, const std::vector<std::string>& names,
                                  const std::vector<std::string>& elsewhere) {
    std::vector<double> weights(static_cast<size_t>(classes), 1.0);
    std::vector<bool> given(static_cast<size_t>(classes));
    const std::vector<std::string_view> known(names.begin(), names.end());
    bool any = false;
    for (const Named& one : parse_named(spec)) {
        const int64_t k = class_of(one.name, classes, names);
        if (k < 0 && std::ranges::count(elsewhere, one.name)) continue;
        if (k < 0)
            fail(Exit::usage, "--class-weight {}={}: there is no such class{}", shown(one.name), one.weight,
                 names.empty() ? fmt::format("; they are the numbers 0 to {}", classes - 1)
                               : name_hint(one.name, known));
        if (given[size_t(k)]) fail(Exit::usage, "--class-weight: class '{}' is given two weights", shown(one.name));
        given[size_t(k)] = true;
        weights[size_t(k)] = one.weight;
    }
    if (std::ranges::count(given, true) == 0) return {}; // all are of other targets
    for (const double w : weights) any = any || w > 0;
    if (!any) fail(Exit::usage, "--class-weight: all classes have weight 0, so nothing would be learned");
    return weights;
}

/// The weight of every row of the source; 1 without a column.
std::vector<double> row_weights(const DataSource& source, int column) {
    std::vector<double> all(size_t(source.rows()), 1.0);
    if (column >= 0)
        each_row(source, column, [&](int64_t row, std::span<const double> values) {
            all[size_t(row)] = values[0];
            return true;
        });
    return all;
}

/// How much the rows of each class weigh together; a target of several numbers a row counts each.
std::vector<double> class_sums(const InputBinding& target, const DataSource& source, int weights, int64_t classes,
                               int64_t ignored) {
    const std::vector<double> of_row = row_weights(source, weights);
    std::vector<double> sums(static_cast<size_t>(classes));
    each_row(source, target.column, [&](int64_t row, std::span<const double> values) {
        for (const double value : values) {
            auto k = int64_t(value);
            if (k == ignored) continue;
            if (k >= 0 && size_t(k) < target.remap.size()) k = target.remap[size_t(k)];
            if (k >= 0 && k < classes) sums[size_t(k)] += of_row[size_t(row)];
        }
        return true;
    });
    return sums;
}

} // namespace

int weight_column(const DataSource& source) {
    const auto& columns = source.file().columns();
    int found = -1;
    for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].kind != "weight") continue;
        if (columns[i].ragged || !columns[i].item_shape.empty() || columns[i].dtype == DType::boolean)
            fail(Exit::data, "{}: the weights '{}' are not one number a row", source.name(), columns[i].name);
        if (found >= 0)
            fail(Exit::data, "{}: there are two columns of weights, '{}' and '{}'; one can be used", source.name(),
                 columns[size_t(found)].name, columns[i].name);
        found = int(i);
    }
    return found;
}

void check_weights(const DataSource& source, int column) {
    const std::string& name = source.file().columns()[size_t(column)].name;
    bool any = false;
    each_row(source, column, [&](int64_t row, std::span<const double> values) {
        if (!(values[0] >= 0) || values[0] > 3e38)
            fail(Exit::data, "{}: the weight '{}' is {:.9g} in {}; weights are from 0 up", source.name(), name,
                 values[0], source.place(row));
        any = any || values[0] > 0;
        return true;
    });
    if (!any)
        fail(Exit::data, "{}: all {} samples have weight 0 ('{}'); there is nothing to learn", source.name(),
             source.rows(), name);
}

std::vector<double> class_weights(const std::string& spec, const InputBinding& target, const DataSource& source,
                                  int weights, int64_t classes, const std::vector<std::string>& names, int64_t ignored,
                                  const std::vector<std::string>& elsewhere) {
    if (spec != "balanced") return named_weights(spec, classes, names, elsewhere);
    std::vector<double> all = class_sums(target, source, weights, classes, ignored);
    double total = 0, occur = 0;
    std::vector<std::string> absent;
    for (size_t k = 0; k < all.size(); ++k) {
        total += all[k];
        occur += all[k] > 0;
        if (all[k] == 0) absent.push_back(k < names.size() ? names[k] : std::to_string(k));
    }
    if (occur == 0) fail(Exit::data, "{}: no row of '{}' has a class", source.name(), target.input);
    if (!absent.empty())
        log::info(fmt::format("--class-weight balanced: no training row is of {}; the {} classes that occur share the "
                              "weight",
                              few_names(absent), int64_t(occur)));
    for (double& sum : all) sum = sum > 0 ? total / (occur * sum) : 0;
    return all;
}

} // namespace ds
