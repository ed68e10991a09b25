#include "data/import/arrays.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"

namespace ds {
namespace {

constexpr int64_t most_classes = 1'000'000;

/// Calls visit(pointer of the element's type).
template <class Visit>
void with_type(DType dtype, const std::byte* raw, const std::string& name, Visit&& visit) {
    switch (dtype) {
    case DType::f64: return visit(reinterpret_cast<const double*>(raw));
    case DType::f32: return visit(reinterpret_cast<const float*>(raw));
    case DType::i64: return visit(reinterpret_cast<const int64_t*>(raw));
    case DType::i32: return visit(reinterpret_cast<const int32_t*>(raw));
    case DType::i8: return visit(reinterpret_cast<const int8_t*>(raw));
    case DType::u8:
    case DType::boolean: return visit(reinterpret_cast<const uint8_t*>(raw));
    default:
        fail(Exit::data, "{}: an array of {}; u8, i8, i32, i64, f32, f64 and bool are imported", name, ds::name(dtype));
    }
}

/// [h,w,c] as [c,h,w].
std::vector<std::byte> as_planes(std::span<const std::byte> rows, int64_t n, const Dims& hwc) {
    const int64_t pixels = hwc[0] * hwc[1], channels = hwc[2];
    std::vector<std::byte> planes(rows.size());
    for (int64_t r = 0; r < n; ++r)
        for (int64_t p = 0; p < pixels; ++p)
            for (int64_t c = 0; c < channels; ++c)
                planes[size_t((r * channels + c) * pixels + p)] = rows[size_t((r * pixels + p) * channels + c)];
    return planes;
}

/// One column on its way: what its values are, seen in a pass of their own where its description needs that, and then
/// written.
class Writing {
public:
    explicit Writing(const ArrayColumn& column) : column_(column), rows_(*column.rows), item_(rows_.item()) {
        if (rows_.rows() < 1) fail(Exit::data, "{}: an array {} has no rows", rows_.name, text(rows_.shape));
        if (count(rows_.shape) == 0)
            fail(Exit::data, "{}: the rows of an array {} are empty", rows_.name, text(rows_.shape));
        if (is_name()) check_name();
        else if (rows_.texts) find_names();
        else if (column.use == ArrayUse::target) look_at_target();
        else take_input();
    }

    ColumnInfo info() const {
        if (is_name()) return {column_.name, DType::u8, {}, true, column_.use == ArrayUse::id ? "id" : "group", {}, {}};
        const bool target = column_.use == ArrayUse::target;
        const std::string kind = target ? "target" : rows_.texts ? "category" : image_ ? "image" : "number";
        ColumnInfo info{
            column_.name, named_ ? DType::i32 : stored(), named_ ? Dims{} : item_, false, kind, labels_, {}};
        if (target && !named_ && zero_one_) info.attributes = {{"values", "0,1"}};
        return info;
    }

    void write(DataFileWriter& writer, Progress& progress, int64_t& done) {
        const int place = writer.add_column(info());
        const auto told = [&](int64_t n) { progress.update(done += n); };
        if (rows_.texts)
            return rows_.each_texts([&](std::span<const std::string> texts) {
                write_texts(writer, place, texts);
                told(int64_t(texts.size()));
            });
        rows_.each_piece([&](std::span<const std::byte> raw, int64_t n) {
            write_rows(writer, place, raw, n);
            told(n);
        });
    }

    void add_meta(MetaWriter& meta) const {
        if (column_.use != ArrayUse::input || rows_.texts) return;
        meta.add(column_.name, statistics_, missing_);
    }

    /// What was found that a person may not expect.
    void tell() const {
        if (missing_ > 0) log::info(fmt::format("column {}: {} missing", column_.name, missing_));
        const auto few = [](int64_t channels) { return channels == 1 || channels == 3; };
        if (column_.use == ArrayUse::input && !image_ && item_.size() == 3 && few(item_[2]) && !few(item_[0]))
            log::warning(fmt::format("column {}: rows of {} that are no bytes are numbers as they lie, and models take "
                                     "channels first; if these are pictures, give them as bytes, or as [{},{},{}]",
                                     column_.name, text(item_), item_[2], item_[0], item_[1]));
        if (column_.use != ArrayUse::target) return;
        const std::string_view whole = rows_.texts ? "" : "; floats would be numbers";
        const std::string what = named_      ? fmt::format("{} classes{}", labels_.size(), whole)
                                 : zero_one_ ? "0 and 1"
                                             : "numbers";
        log::info(fmt::format("target {}: {}", column_.name, what));
    }

private:
    DType stored() const { return rows_.dtype == DType::boolean ? DType::u8 : rows_.dtype; }

    bool is_name() const { return column_.use == ArrayUse::id || column_.use == ArrayUse::group; }
    void check_name() const {
        const bool whole = !rows_.texts && !is_float(rows_.dtype);
        if (!item_.empty() || !(rows_.texts || whole))
            fail(Exit::data, "{}: an array {} of {} names no rows or groups of them; texts or whole numbers [n] do",
                 rows_.name, text(rows_.shape), rows_.texts ? "texts" : ds::name(rows_.dtype));
    }

    /// Names in the order of the alphabet are numbered.
    void find_names() {
        named_ = true;
        rows_.each_texts([&](std::span<const std::string> texts) {
            for (const std::string& one : texts) numbers_.try_emplace(one, 0);
            if (int64_t(numbers_.size()) > most_classes)
                fail(Exit::data, "{}: more than {} different texts; are they names of rows? give them as --id",
                     rows_.name, most_classes);
        });
        for (const auto& [name, number] : numbers_) labels_.push_back(name);
        std::ranges::sort(labels_);
        for (size_t k = 0; k < labels_.size(); ++k) numbers_[labels_[k]] = int32_t(k);
    }

    void look_at_target() {
        named_ = item_.empty() && !is_float(rows_.dtype);
        int64_t at = 0, greatest = 0;
        const int64_t size = count(item_);
        rows_.each_piece([&](std::span<const std::byte> raw, int64_t n) {
            with_type(rows_.dtype, raw.data(), rows_.name, [&](auto* x) {
                for (int64_t i = 0; i < n * size; ++i) {
                    const auto value = double(x[i]);
                    if (named_) greatest = std::max(greatest, class_at(int64_t(x[i]), at + i));
                    else if (!std::isfinite(value))
                        fail(Exit::data, "{}: the target of row {} is {}; leave such rows out", rows_.name,
                             at + i / size, value);
                    zero_one_ = zero_one_ && (value == 0 || value == 1);
                }
            });
            at += n;
        });
        for (int64_t k = 0; named_ && k <= greatest; ++k) labels_.push_back(std::to_string(k));
    }
    int64_t class_at(int64_t value, int64_t row) const {
        if (value < 0 || value > most_classes)
            fail(Exit::data,
                 "{}: row {} has class {}; classes are whole numbers from 0 to {}, and numbers to be predicted are "
                 "floats",
                 rows_.name, row, value, most_classes);
        return value;
    }
    void take_input() {
        const auto few = [](int64_t channels) { return channels == 1 || channels == 3; };
        image_ = are_pictures(rows_);
        turned_ = image_ && item_.size() == 3 && few(item_[2]) && !few(item_[0]);
        if (turned_) item_ = {item_[2], item_[0], item_[1]};
        if (image_ && item_.size() == 2) item_ = {1, item_[0], item_[1]};
        channels_ = item_.size() == 3 ? item_[0] : 1;
        statistics_ = StatisticsGatherer(channels_);
    }

    void write_texts(DataFileWriter& writer, int place, std::span<const std::string> texts) {
        if (!is_name()) {
            std::vector<int32_t> numbers;
            for (const std::string& one : texts) {
                const auto found = numbers_.find(one);
                if (found == numbers_.end()) fail(Exit::data, "{}: changes while it is read", rows_.name);
                numbers.push_back(found->second);
            }
            return writer.append(place, std::as_bytes(std::span(numbers)));
        }
        write_ids(writer, place, texts);
    }
    static void write_ids(DataFileWriter& writer, int place, std::span<const std::string> texts) {
        std::string all;
        std::vector<int64_t> lengths;
        for (const std::string& one : texts) {
            all += one;
            lengths.push_back(int64_t(one.size()));
        }
        writer.append_ragged(place, std::as_bytes(std::span(all)), lengths);
    }

    void write_rows(DataFileWriter& writer, int place, std::span<const std::byte> raw, int64_t n) {
        if (is_name() || named_) {
            std::vector<std::string> ids;
            std::vector<int32_t> classes;
            with_type(rows_.dtype, raw.data(), rows_.name, [&](auto* x) {
                for (int64_t i = 0; i < n; ++i) {
                    if (named_) classes.push_back(int32_t(class_at(int64_t(x[i]), i)));
                    else ids.push_back(std::to_string(int64_t(x[i])));
                }
            });
            return named_ ? writer.append(place, std::as_bytes(std::span(classes))) : write_ids(writer, place, ids);
        }
        const Dims found = rows_.item();
        const std::vector<std::byte> planes = turned_ ? as_planes(raw, n, found) : std::vector<std::byte>();
        if (turned_) raw = planes;
        if (column_.use == ArrayUse::input) gather(raw, n);
        writer.append(place, raw);
    }

    void gather(std::span<const std::byte> raw, int64_t n) {
        const int64_t size = count(item_);
        with_type(rows_.dtype, raw.data(), rows_.name, [&](auto* x) {
            for (int64_t r = 0; r < n; ++r, ++at_) {
                if (is_missing(x + r * size, size)) continue;
                statistics_.add(x + r * size, size / channels_, image_ ? 255.0 : 1.0);
            }
        });
    }
    /// A row that is a number and NaN has none. Other numbers that are none are refused.
    template <class T>
    bool is_missing(const T* row, int64_t size) {
        if constexpr (std::is_floating_point_v<T>) {
            if (size == 1 && item_.empty() && std::isnan(*row)) return ++missing_ > 0;
            const auto odd = std::find_if(row, row + size, [](T v) { return !std::isfinite(v); });
            if (odd != row + size)
                fail(Exit::data, "{}: row {} holds {}; {}", rows_.name, at_, *odd,
                     std::isnan(*odd) ? "missing numbers are taken in arrays [n] alone: fill them in, or give each "
                                        "column as an array of its own"
                                      : "replace it by a number");
        }
        return false;
    }

    const ArrayColumn& column_;
    const ArrayRows& rows_;
    Dims item_; // as it is stored
    bool named_ = false, zero_one_ = true, image_ = false, turned_ = false;
    std::unordered_map<std::string, int32_t> numbers_; // of each name
    std::vector<std::string> labels_;
    StatisticsGatherer statistics_{1};
    int64_t channels_ = 1, missing_ = 0, at_ = 0;
};

} // namespace

bool are_pictures(const ArrayRows& rows) {
    const size_t axes = rows.item().size();
    return !rows.texts && rows.dtype == DType::u8 && (axes == 2 || axes == 3);
}

ImportSummary import_arrays(const ImportRequest& request, const std::vector<ArrayColumn>& columns,
                            std::vector<HistoryInput> inputs) {
    const ArrayRows& first = *columns.at(0).rows;
    for (const ArrayColumn& column : columns)
        if (column.rows->rows() != first.rows())
            fail(Exit::data, "{} has {} rows (an array {}), and {} has {} ({})", column.rows->name, column.rows->rows(),
                 text(column.rows->shape), first.name, first.rows(), text(first.shape));
    std::vector<Writing> all(columns.begin(), columns.end());
    DataFileWriter writer(request.output);
    Progress progress("importing", first.rows() * int64_t(columns.size()), "rows");
    int64_t done = 0;
    MetaWriter meta;
    for (Writing& column : all) {
        column.write(writer, progress, done);
        column.add_meta(meta);
    }
    progress.finish();
    for (const Writing& column : all) column.tell();
    writer.set_meta(meta.json());
    writer.set_history({import_record(request, std::move(inputs))});
    writer.commit();
    return {first.rows(), 0};
}

} // namespace ds
