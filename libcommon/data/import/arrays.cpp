#include "data/import/arrays.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/progress.h"
#include "data/picture/mask.h"

namespace ds {
namespace {

constexpr int64_t most_classes = 1'000'000;
constexpr int64_t few_classes = 20;         // so many are none too many, however few rows there are
constexpr int64_t most_of_masks = no_class; // a byte for each pixel

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
        if (rows_.texts && !item_.empty())
            fail(Exit::data, "{}: a table of strings {}; one string a row is read", rows_.name, text(rows_.shape));
        if (is_name()) check_name();
        else if (rows_.texts) find_names();
        else if (column.use == ArrayUse::target && are_masks(rows_)) look_at_masks();
        else if (column.use == ArrayUse::target && are_classes(rows_)) look_at_classes();
        else if (column.use == ArrayUse::target) look_at_numbers();
        else take_input();
    }

    ColumnInfo info() const {
        if (is_name()) return {column_.name, DType::u8, {}, true, column_.use == ArrayUse::id ? "id" : "group", {}, {}};
        const bool target = column_.use == ArrayUse::target;
        if (mask_) return {column_.name, DType::u8, item_, false, "mask", labels_, {}};
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
        const std::string what = mask_    ? fmt::format("{} classes of pixels{}", labels_.size(), whole)
                                 : named_ ? fmt::format("{} classes: {}{}", labels_.size(), few_names(labels_), whole)
                                 : zero_one_ ? "0 and 1"
                                             : "numbers";
        log::info(fmt::format("target {}: {}", column_.name, what));
        const int64_t classes = std::ssize(labels_);
        if (!rows_.texts && classes > few_classes && classes > rows_.rows() / 2)
            log::warning(fmt::format("target {}: {} rows have {} classes; where they are numbers to be predicted, give "
                                     "them as floats",
                                     column_.name, rows_.rows(), classes));
    }
    const std::string& name() const { return column_.name; }
    bool is_image() const { return image_; }
    bool is_mask() const { return mask_; }
    /// Height and width of images and masks.
    Dims size() const { return {item_.end() - 2, item_.end()}; }

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
            for (const std::string& one : texts) {
                if (one.find('\0') != one.npos)
                    fail(Exit::data, "{}: a string has a zero byte, which names of classes and categories have not",
                         rows_.name);
                numbers_.try_emplace(one, 0);
            }
            if (int64_t(numbers_.size()) > most_classes)
                fail(Exit::data, "{}: more than {} different texts; are they names of rows? give them as --id",
                     rows_.name, most_classes);
        });
        for (const auto& [name, number] : numbers_) labels_.push_back(name);
        std::ranges::sort(labels_);
        for (size_t k = 0; k < labels_.size(); ++k) numbers_[labels_[k]] = int32_t(k);
    }

    /// Calls each(value, its row) for all elements.
    template <class Each>
    void each_element(const Each& each) const {
        int64_t at = 0;
        const int64_t size = count(item_);
        rows_.each_piece([&](std::span<const std::byte> raw, int64_t n) {
            with_type(rows_.dtype, raw.data(), rows_.name, [&](auto* x) {
                for (int64_t i = 0; i < n * size; ++i) each(x[i], at + i / size);
            });
            at += n;
        });
    }
    void look_at_numbers() {
        each_element([&](auto value, int64_t row) {
            if (!std::isfinite(double(value)))
                fail(Exit::data, "{}: the target of row {} is {}; leave such rows out", rows_.name, row, value);
            zero_one_ = zero_one_ && (value == 0 || value == 1);
        });
    }
    /// The numbers that occur are the names of classes, in their order: as labels of scikit-learn they may have holes.
    void look_at_classes() {
        named_ = true;
        each_element([&](auto value, int64_t row) {
            if (int64_t(value) < -1)
                fail(Exit::data,
                     "{}: row {} has class {}; classes are whole numbers from 0 up, or -1, 0 and 1, and numbers to be "
                     "predicted are floats",
                     rows_.name, row, int64_t(value));
            classes_.try_emplace(int64_t(value), 0);
            if (std::ssize(classes_) > most_classes)
                fail(Exit::data, "{}: more than {} classes; numbers to be predicted are floats", rows_.name,
                     most_classes);
        });
        if (classes_.contains(-1) && classes_.rbegin()->first > 1)
            fail(Exit::data,
                 "{}: row {} has class -1 and others up to {}; classes are whole numbers from 0 up, and rows without "
                 "one "
                 "are to be left out",
                 rows_.name, first_row_of(-1), classes_.rbegin()->first);
        for (auto& [value, number] : classes_) {
            number = int32_t(labels_.size());
            labels_.push_back(std::to_string(value));
        }
    }
    int64_t first_row_of(int64_t wanted) const {
        int64_t first = -1;
        each_element([&](auto value, int64_t row) {
            if (first < 0 && int64_t(value) == wanted) first = row;
        });
        return first;
    }
    void look_at_masks() {
        mask_ = true;
        int64_t greatest = -1;
        bool none = false;
        each_element([&](auto value, int64_t row) {
            const auto k = int64_t(value);
            if (k < 0 || k > most_of_masks)
                fail(
                    Exit::data,
                    "{}: a pixel of row {} has class {}; masks have classes from 0 to 254, and 255 where there is none",
                    rows_.name, row, k);
            none = none || k == no_class;
            if (k != no_class) greatest = std::max(greatest, k);
        });
        if (greatest <= 0)
            fail(Exit::data, "{}: its masks hold only {}", rows_.name,
                 none ? "0 and 255, and 255 is no class; write 1 for a second one" : "the class 0");
        item_ = item_.size() == 2 ? item_ : item_[0] == 1 ? Dims{item_[1], item_[2]} : Dims{item_[0], item_[1]};
        for (int64_t k = 0; k <= greatest; ++k) labels_.push_back(std::to_string(k));
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
        if (is_name())
            return write_ids(writer, place,
                             converted<std::string>(raw, n, [](int64_t value) { return std::to_string(value); }));
        if (named_) {
            const auto numbers = converted<int32_t>(raw, n, [&](int64_t value) { return number_of(value); });
            return writer.append(place, std::as_bytes(std::span(numbers)));
        }
        if (mask_) {
            const auto pixels = converted<uint8_t>(raw, n * count(item_), [](int64_t value) { return uint8_t(value); });
            return writer.append(place, std::as_bytes(std::span(pixels)));
        }
        const Dims found = rows_.item();
        const std::vector<std::byte> planes = turned_ ? as_planes(raw, n, found) : std::vector<std::byte>();
        if (turned_) raw = planes;
        if (column_.use == ArrayUse::input) gather(raw, n);
        writer.append(place, raw);
    }

    template <class To, class Convert>
    std::vector<To> converted(std::span<const std::byte> raw, int64_t n, const Convert& convert) const {
        std::vector<To> all;
        all.reserve(size_t(n));
        with_type(rows_.dtype, raw.data(), rows_.name, [&](auto* x) {
            for (int64_t i = 0; i < n; ++i) all.push_back(convert(int64_t(x[i])));
        });
        return all;
    }
    int32_t number_of(int64_t value) const {
        const auto found = classes_.find(value);
        if (found == classes_.end()) fail(Exit::data, "{}: changes while it is read", rows_.name);
        return found->second;
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
    bool named_ = false, mask_ = false, zero_one_ = true, image_ = false, turned_ = false;
    std::map<int64_t, int32_t> classes_;               // the number of each class that is one
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

bool are_classes(const ArrayRows& rows) {
    const Dims item = rows.item();
    const bool whole = !rows.texts && !is_float(rows.dtype);
    return item.empty() ? rows.texts || whole : item == Dims{1} && whole;
}

bool are_masks(const ArrayRows& rows) {
    const Dims item = rows.item();
    const bool whole = !rows.texts && !is_float(rows.dtype);
    return whole && (item.size() == 2 || (item.size() == 3 && (item[0] == 1 || item[2] == 1)));
}

namespace {

/// A mask lies on its picture.
void check_sizes(const std::vector<Writing>& all) {
    for (const Writing& mask : all)
        for (const Writing& image : all)
            if (mask.is_mask() && image.is_image() && mask.size() != image.size())
                fail(Exit::data, "the masks '{}' are of {}, and the pictures '{}' of {}", mask.name(),
                     text(mask.size()), image.name(), text(image.size()));
}

} // namespace

ImportSummary import_arrays(const ImportRequest& request, const std::vector<ArrayColumn>& columns,
                            std::vector<HistoryInput> inputs) {
    const ArrayRows& first = *columns.at(0).rows;
    for (const ArrayColumn& column : columns)
        if (column.rows->rows() != first.rows())
            fail(Exit::data, "{} has {} rows (an array {}), and {} has {} ({})", column.rows->name, column.rows->rows(),
                 text(column.rows->shape), first.name, first.rows(), text(first.shape));
    std::vector<Writing> all(columns.begin(), columns.end());
    check_sizes(all);
    DataFileWriter writer(request.output);
    Progress progress("importing", first.rows() * int64_t(columns.size()), "rows");
    int64_t done = 0;
    MetaWriter meta;
    for (Writing& column : all) {
        column.write(writer, progress, done);
        column.add_meta(meta);
    }
    progress.finish();
    writer.set_meta(meta.json());
    writer.set_history({import_record(request, std::move(inputs))});
    writer.commit();
    for (const Writing& column : all) column.tell(); // a refusal stands alone
    return {first.rows(), 0};
}

} // namespace ds
