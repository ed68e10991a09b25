#include "data/edit/filter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "data/batch/row_ids.h"
#include "data/edit/kept_splits.h"
#include "data/edit/row_keys.h"
#include "data/edit/statistics.h"
#include "data/format/csv.h"

namespace ds {
namespace {

constexpr size_t rows_at_a_time = 4096;

/// A number as exact as any that is stored: also the integers of 64 bits.
using Exact = long double;

/// One side of a comparison for some rows: numbers, NaN where they are missing, or texts.
struct Cells {
    std::vector<Exact> numbers;
    std::vector<std::string> texts;
};

/// A column that is compared.
class ComparedColumn {
public:
    ComparedColumn(const DataTable& table, int column)
        : table_(table), column_(column), info_(table.columns()[size_t(column)]) {
        if (is_name(info_)) ids_.emplace(table, column);
        else if (info_.ragged || !info_.item_shape.empty())
            fail(Exit::usage, "{}: column '{}' has arrays or text, which are not compared", table.path(), info_.name);
    }
    bool has_texts() const { return ids_ || !info_.labels.empty(); }
    const ColumnInfo& info() const { return info_; }
    bool is_date() const {
        const auto parse = info_.attributes.find("parse");
        return parse != info_.attributes.end() && parse->second == "date";
    }

    Cells read(std::span<const int64_t> rows) const {
        Cells cells;
        if (ids_) {
            for (const int64_t row : rows) cells.texts.push_back(ids_->at(row));
            return cells;
        }
        std::vector<std::byte> raw(rows.size() * size_t(info_.item_bytes()));
        table_.gather(column_, rows, raw.data());
        for (size_t i = 0; i < rows.size(); ++i) {
            const Exact value = number_at(raw.data(), i);
            if (info_.labels.empty()) cells.numbers.push_back(value);
            else cells.texts.push_back(label(value));
        }
        return cells;
    }

private:
    std::string label(Exact k) const {
        return k >= 0 && k < Exact(info_.labels.size()) ? info_.labels[size_t(k)] : std::string();
    }
    Exact number_at(const std::byte* raw, size_t i) const {
        switch (info_.dtype) {
        case DType::f64: return Exact(reinterpret_cast<const double*>(raw)[i]);
        case DType::f32: return Exact(reinterpret_cast<const float*>(raw)[i]);
        case DType::i64: return Exact(reinterpret_cast<const int64_t*>(raw)[i]);
        case DType::i32: return Exact(reinterpret_cast<const int32_t*>(raw)[i]);
        case DType::i8: return Exact(reinterpret_cast<const int8_t*>(raw)[i]);
        case DType::u8:
        case DType::boolean: return Exact(reinterpret_cast<const uint8_t*>(raw)[i]);
        default: fail(Exit::usage, "column '{}' is {}, which is not compared", info_.name, name(info_.dtype));
        }
    }

    const DataTable& table_;
    int column_;
    const ColumnInfo& info_;
    std::optional<RowIds> ids_;
};

/// True, false, or neither where a number is missing.
using Answer = std::optional<bool>;

template <class T>
bool holds(Comparison comparison, const T& a, const T& b) {
    switch (comparison) {
    case Comparison::equal: return a == b;
    case Comparison::unequal: return a != b;
    case Comparison::less: return a < b;
    case Comparison::at_most: return a <= b;
    case Comparison::greater: return a > b;
    case Comparison::at_least: return a >= b;
    }
    return false;
}

class RowFilter {
public:
    RowFilter(const DataTable& table, const Condition& condition) : table_(table), condition_(condition) {
        check(condition_);
    }

    std::vector<int64_t> matching(std::span<const int64_t> rows) {
        std::vector<int64_t> found;
        for (size_t at = 0; at < rows.size(); at += rows_at_a_time) {
            rows_ = rows.subspan(at, std::min(rows_at_a_time, rows.size() - at));
            const std::vector<Answer> answers = answer(condition_);
            for (size_t i = 0; i < rows_.size(); ++i)
                if (answers[i].value_or(false)) found.push_back(rows_[i]);
        }
        return found;
    }

private:
    const ComparedColumn& column(const std::string& name) {
        const auto known = columns_.find(name);
        if (known != columns_.end()) return known->second;
        const int index = table_.find(name);
        if (index < 0) {
            std::vector<std::string_view> names;
            for (const ColumnInfo& info : table_.columns()) names.push_back(info.name);
            fail(Exit::usage, "{}: there is no column '{}'{}; texts stand in quotes", table_.path(), shown(name),
                 name_hint(name, names));
        }
        return columns_.try_emplace(name, table_, index).first->second;
    }

    /// Everything that can be wrong is found before the first row is read.
    void check(const Condition& c) {
        for (const Condition& part : c.parts) check(part);
        if (c.kind == Condition::Kind::missing) column(c.left.word);
        if (c.kind != Condition::Kind::comparison) return;
        check_sides(c.left, c.right, c.comparison);
        check_sides(c.right, c.left, c.comparison);
    }
    void check_sides(const Term& side, const Term& other, Comparison comparison) {
        if (side.kind != Term::Kind::column) return;
        const ComparedColumn& own = column(side.word);
        const bool ordered = comparison != Comparison::equal && comparison != Comparison::unequal;
        if (own.has_texts() && ordered)
            fail(Exit::usage, "{}: column '{}' has names, which are not less or greater; == and != compare them",
                 table_.path(), side.word);
        if (other.kind == Term::Kind::column && own.has_texts() != column(other.word).has_texts())
            fail(Exit::usage, "{}: of the columns '{}' and '{}' one has names and one numbers", table_.path(),
                 side.word, other.word);
        if (other.kind == Term::Kind::number && !own.has_texts() && !ordered) check_held(own.info(), other);
        if (other.kind != Term::Kind::text) return;
        double ignored = 0;
        if (own.has_texts()) tell_unknown(own.info(), other.word);
        else if (!own.is_date() || !parse_csv_date(other.word, ignored))
            fail(Exit::usage, "{}: column '{}' has {}, and '{}' is none", table_.path(), side.word,
                 own.is_date() ? "dates" : "numbers", shown(other.word));
    }
    /// A column that holds two whole numbers as one cannot say which of them a row had. What is written as 1e300 is a
    /// measure and no key.
    void check_held(const ColumnInfo& info, const Term& number) const {
        if (number.word.find_first_not_of("+-0123456789") != number.word.npos) return;
        const Exact value = std::abs(literal(number));
        if (value >= exact_below(info.dtype))
            fail(Exit::usage, "{}: column '{}' is {}, which does not hold {} to the last digit; import it anew{}",
                 table_.path(), info.name, name(info.dtype), number.word,
                 info.dtype == DType::f64 ? ", by --id or as --categorical" : "");
    }
    void tell_unknown(const ColumnInfo& info, const std::string& word) const {
        if (info.labels.empty() || std::ranges::count(info.labels, word) > 0) return;
        const std::vector<std::string_view> names(info.labels.begin(), info.labels.end());
        log::warning(fmt::format("no row has the {} '{}'{}", info.name, shown(word),
                                 names.size() <= 100 ? name_hint(word, names) : ""));
    }

    std::vector<Answer> answer(const Condition& c) {
        if (c.kind == Condition::Kind::comparison) return compared(c);
        if (c.kind == Condition::Kind::missing) return missing(c.left.word);
        std::vector<Answer> left = answer(c.parts[0]);
        if (c.kind == Condition::Kind::negation) {
            for (Answer& one : left)
                if (one) one = !*one;
            return left;
        }
        // What decides does so whatever the other one is.
        const bool decides = c.kind == Condition::Kind::either;
        const std::vector<Answer> right = answer(c.parts[1]);
        for (size_t i = 0; i < left.size(); ++i) {
            if (left[i] == decides || right[i] == decides) left[i] = decides;
            else if (!left[i] || !right[i]) left[i] = std::nullopt;
        }
        return left;
    }
    std::vector<Answer> compared(const Condition& c) {
        const bool texts = (c.left.kind == Term::Kind::column && column(c.left.word).has_texts()) ||
                           (c.right.kind == Term::Kind::column && column(c.right.word).has_texts());
        Cells left = side(c.left, c.right, texts), right = side(c.right, c.left, texts);
        if (!texts) bring_together(c, left.numbers, right.numbers);
        std::vector<Answer> answers;
        for (size_t i = 0; i < rows_.size(); ++i) {
            if (texts) answers.push_back(holds(c.comparison, left.texts[i], right.texts[i]));
            else if (std::isnan(left.numbers[i]) || std::isnan(right.numbers[i])) answers.push_back(std::nullopt);
            else answers.push_back(holds(c.comparison, left.numbers[i], right.numbers[i]));
        }
        return answers;
    }
    /// A column of 64-bit numbers beside one of 32 bits: where both were imported as 0.1 they are the same.
    void bring_together(const Condition& c, std::vector<Exact>& left, std::vector<Exact>& right) {
        if (c.left.kind != Term::Kind::column || c.right.kind != Term::Kind::column) return;
        const DType a = column(c.left.word).info().dtype, b = column(c.right.word).info().dtype;
        if (!(a == DType::f64 && b == DType::f32) && !(a == DType::f32 && b == DType::f64)) return;
        for (Exact& value : a == DType::f64 ? left : right)
            if (std::abs(value) < exact_below(DType::f32)) value = Exact(float(value));
    }
    Cells side(const Term& term, const Term& other, bool texts) {
        if (term.kind == Term::Kind::column) return column(term.word).read(rows_);
        Cells cells;
        if (texts) cells.texts.assign(rows_.size(), term.word); // 3 beside the class "3" is that name
        else cells.numbers.assign(rows_.size(), as_held(literal(term), column(other.word).info().dtype));
        return cells;
    }
    /// The number as a column holds it: where 0.3 was imported, a condition's 0.3 means what became of it.
    static Exact as_held(Exact value, DType column) {
        return column == DType::f32 ? Exact(float(value)) : column == DType::f64 ? Exact(double(value)) : value;
    }
    static Exact literal(const Term& term) {
        double days = 0;
        if (term.kind == Term::Kind::text) return parse_csv_date(term.word, days) ? Exact(days) : Exact(NAN);
        Exact value = 0;
        const char* begin = term.word.data() + term.word.starts_with('+');
        std::from_chars(begin, term.word.data() + term.word.size(), value);
        return value;
    }
    std::vector<Answer> missing(const std::string& name) {
        const Cells cells = column(name).read(rows_);
        std::vector<Answer> answers;
        for (const std::string& one : cells.texts) answers.push_back(one.empty());
        for (const Exact one : cells.numbers) answers.push_back(bool(std::isnan(one)));
        return answers;
    }

    const DataTable& table_;
    const Condition& condition_;
    std::map<std::string, ComparedColumn> columns_;
    std::span<const int64_t> rows_; // that are looked at
};

} // namespace

std::vector<int64_t> rows_where(const DataTable& table, const Condition& condition, std::span<const int64_t> rows) {
    return RowFilter(table, condition).matching(rows);
}

int64_t filter_data(const std::string& input, const std::string& output, const std::string& where,
                    const EditRecord& edit) {
    const Condition condition = parse_condition(where);
    const DataSource source(input);
    const DataTable& from = source.file();
    const std::vector<int64_t> rows = rows_where(from, condition, rows_of(source));
    if (rows.empty()) fail(Exit::data, "{}: for none of its {} rows does {} hold", source.name(), source.rows(), where);
    DataFileWriter to(output);
    for (size_t c = 0; c < from.columns().size(); ++c)
        append_rows(source.stored(), int(c), rows, to, to.add_column(source.stored().columns()[c]));
    const KeptSplits splits(source, rows);
    splits.write(to);
    MetaGatherer meta(from);
    meta.add(from, splits.statistics_rows());
    to.set_meta(meta.json(splits.statistics_split()));
    std::vector<std::string> history = from.history();
    history.push_back(edit_text(edit, inputs_of(source)));
    to.set_history(std::move(history));
    to.commit();
    return int64_t(rows.size());
}

} // namespace ds
