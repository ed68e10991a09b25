// The layer `columns`: the data's columns of numbers and categories side by side, as inputs of their own.
#include <algorithm>
#include <cmath>
#include <fnmatch.h>

#include "base/error.h"
#include "base/names.h"
#include "model/layers/writer.h"
#include "ops/emit.h"
#include "ops/random.h"

namespace ds {
namespace {

[[noreturn]] void refuse_kind(const std::string& kind, const DataFacts& data) {
    std::vector<std::string_view> known;
    for (const DataColumn& column : data)
        if (!column.is_target && std::ranges::find(known, column.kind) == known.end()) known.push_back(column.kind);
    fail(Exit::config, "the data has no column of kind '{}' that is not an input already{}", shown(kind),
         known.empty() ? "" : name_hint(kind, known));
}

/// What `columns` is told.
struct Choice {
    std::string kind;
    bool missing = false;
    int64_t width = 0;
    double unseen = 0;
    int64_t rare = 1;
    bool arrays = false;
    std::vector<std::string> only{}; // names and patterns; empty: all

    bool is_named(const DataColumn& column) const {
        return only.empty() || std::ranges::any_of(only, [&](const std::string& pattern) {
                   return fnmatch(pattern.c_str(), column.name.c_str(), 0) == 0;
               });
    }
    bool takes(const DataColumn& column, std::string_view wanted) const {
        const size_t rank = (kind == "all" || arrays) && wanted == "number" ? 1 : 0;
        return column.kind == wanted && (kind == wanted || kind == "all") && !column.is_target &&
               column.item.size() <= rank && is_named(column);
    }
};

/// x [N] as [N,1]. One that is missing becomes 0, the mean of what is standardised; where training rows lack some,
/// `flags` gets a column that is 1 there.
ValueId number_column(LayerWriter& w, const DataColumn& column, const Choice& choice, std::vector<ValueId>& flags) {
    const Dim n = Dim::symbol("N");
    Shape shape{n};
    for (int64_t size : column.item) shape.push_back(size);
    ValueId x = w.graph.add_input(column.name, {w.request.dtype, shape});
    if (choice.missing) w.places[column.name].missing = column.missing > 0 ? Missing::seen : Missing::mean;
    if (choice.missing && column.missing > 0) {
        const ValueId present = unary(w.builder, UnaryKind::is_finite, x);
        const ValueId zero = scalar(w.builder, w.request.dtype, 0);
        x = select(w.builder, present, x, zero);
        const ValueId absent = unary(w.builder, UnaryKind::logical_not, present);
        const ValueId flag = cast(w.builder, absent, w.request.dtype);
        flags.push_back(reshape(w.builder, flag, {n, Dim(1)}));
    }
    return column.item.empty() ? reshape(w.builder, x, {n, Dim(1)}) : x;
}

/// How many names of the column have a vector of their own: those that stand in enough rows. The others are told to the
/// preprocessing, which takes them for unseen.
int64_t names_kept(LayerWriter& w, const DataColumn& column, int64_t rare) {
    if (rare <= 1 || column.rows_of.empty()) return column.categories;
    std::vector<int64_t> kept;
    for (int64_t k = 0; k < column.categories; ++k)
        if (column.rows_of[size_t(k)] >= rare) kept.push_back(k);
    const auto count = std::ssize(kept);
    if (count < column.categories) w.places[column.name].kept = std::move(kept);
    return count;
}

/// The number of the name, or now and then in training that of every name not seen: the last one.
ValueId hidden_at_random(LayerWriter& w, const DataColumn& column, int64_t names, ValueId code, double part) {
    w.places[column.name].unknown = names;
    DropoutAttrs attrs;
    attrs.p = part;
    attrs.stream = w.next_dropout();
    const ValueId ones = constant(w.builder, w.request.dtype, {Dim::symbol("N")}, 1);
    const ValueId kept = w.builder.emit1("dropout", attrs_of(attrs), {ones});
    const ValueId zero = scalar(w.builder, w.request.dtype, 0);
    const ValueId is_kept = binary(w.builder, BinaryKind::gt, kept, zero);
    const ValueId unseen = scalar(w.builder, DType::i32, double(names));
    return select(w.builder, is_kept, code, unseen);
}

/// A vector for each name [N,width].
ValueId category_column(LayerWriter& w, const DataColumn& column, const Choice& choice) {
    ValueId code = w.graph.add_input(column.name, {DType::i32, {Dim::symbol("N")}});
    const int64_t names = names_kept(w, column, choice.rare), rows = names + (choice.unseen > 0 ? 1 : 0);
    if (rows < 1) fail(Exit::config, "columns: column '{}' has no names", column.name);
    if (choice.unseen > 0) code = hidden_at_random(w, column, names, code, choice.unseen);
    const int64_t by_rows = std::clamp<int64_t>(std::llround(1.6 * std::pow(double(rows), 0.56)), 2, 64);
    const int64_t width = choice.width > 0 ? choice.width : by_rows;
    const std::string name = w.path(column.name + ".embedding");
    w.builder.set_name(name);
    // Small at first, so that a name means what is learned of it and is no number by which a row is remembered.
    const ValueId table =
        w.parameter(name + ".weight", {rows, width}, {"normal", 0.2 / std::sqrt(double(width))}, true);
    return w.builder.emit1("gather", attrs_of(NoAttrs{}), {table, code});
}

/// "user*,age" as two patterns.
std::vector<std::string> patterns_of(const LayerOptions& options) {
    std::vector<std::string> patterns;
    for (const std::string& some : options.words("only"))
        for (size_t begin = 0; begin <= some.size() && !some.empty();) {
            const size_t end = std::min(some.find(',', begin), some.size());
            patterns.push_back(some.substr(begin, end - begin));
            begin = end + 1;
        }
    return patterns;
}

/// Each pattern names a column that can be taken.
void check_patterns(const LayerWriter& w, const LayerOptions& options, const Choice& choice) {
    std::vector<std::string_view> known;
    for (const DataColumn& column : w.request.data) {
        Choice any = choice;
        any.only.clear();
        if (!any.takes(column, "number") && !any.takes(column, "category")) continue;
        known.push_back(column.name);
        if (!choice.only.empty() && choice.is_named(column) && w.graph.find_input(column.name))
            options.node("only")->refuse(fmt::format("column '{}' is an input of other layers already", column.name));
    }
    for (const std::string& pattern : choice.only)
        if (std::ranges::none_of(known, [&](std::string_view name) {
                return fnmatch(pattern.c_str(), std::string(name).c_str(), 0) == 0;
            }))
            fail(Exit::data, "{}: '{}' names no column of the data that can be taken{}", options.yaml().where(),
                 shown(pattern), name_hint(pattern, known));
}

void columns(LayerWriter& w, LayerOptions& options) {
    const Choice choice{options.word("kind"),     options.truth("missing"), options.integer("width"),
                        options.number("unseen"), options.integer("rare"),  options.truth("arrays"),
                        patterns_of(options)};
    if (choice.rare > 1 && choice.unseen == 0)
        options.node("rare")->refuse("rare names share the vector of those not seen, which needs 'unseen'");
    check_patterns(w, options, choice);
    w.name_nodes(options);
    std::vector<ValueId> parts = w.values(options, "with"), flags;
    for (const DataColumn& column : w.request.data)
        if (choice.takes(column, "number") && !w.graph.find_input(column.name))
            parts.push_back(number_column(w, column, choice, flags));
    for (const DataColumn& column : w.request.data)
        if (choice.takes(column, "category") && !w.graph.find_input(column.name))
            parts.push_back(category_column(w, column, choice));
    w.name_nodes(options);
    parts.insert(parts.end(), flags.begin(), flags.end());
    if (parts.empty()) refuse_kind(choice.kind, w.request.data);
    AxisAttrs attrs;
    attrs.axis = 1;
    w.current = parts.size() == 1 ? parts[0] : w.builder.emit1("concat", attrs_of(attrs), parts);
}

} // namespace

LayerFamily column_layers() {
    using enum OptionType;
    using enum LayerRow::Takes;
    return {
        "Columns of tables",
        {{"columns",
          "[N, elements]: all columns of a kind that the data has and no input stands for, side by side: one "
          "element for a number, a vector that is learned for a category",
          none,
          "kind",
          {{"kind", word, "number", "number, category, or all: numbers, then categories"},
           {"arrays", truth, "false", "also columns of several numbers a row [k]; all takes them anyway"},
           {"with", words, "", "values to put before them"},
           {"only", words, "",
            "of these columns, those of the names and patterns (user*) that stand here, as a list or between commas"},
           {"missing", truth, "false",
            "numbers may be missing: the mean stands in, and 1 in a further element where training rows lack some"},
           {"width", whole, "0", "elements of a category's vector; 0: more for more names, from 2 to 64"},
           {"unseen", number, "0",
            "each category has one more vector, for every name that no training row had; it learns from this part "
            "of the rows, drawn anew in each step, whose name is hidden. 0: there is none",
            0, 0.999},
           {"rare", size, "1", "names in fewer rows of the training data than this are taken for unseen, too"}},
          columns}}};
}

} // namespace ds
