#include "data/edit/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/json.h"
#include "data/edit/edit.h"
#include "data/text/documents.h"

namespace ds {
namespace {

/// Calls `each` with the bytes of some rows of a fixed column at a time, and how many they are.
void each_piece(const DataTable& from, int column, std::span<const int64_t> rows,
                const std::function<void(const std::byte*, int64_t)>& each) {
    const int64_t item = std::max<int64_t>(1, from.columns()[size_t(column)].item_bytes());
    const size_t at_a_time = size_t(std::clamp<int64_t>((4 << 20) / item, 1, 4096));
    std::vector<std::byte> buffer;
    for (size_t at = 0; at < rows.size(); at += at_a_time) {
        const size_t n = std::min(rows.size() - at, at_a_time);
        buffer.resize(n * size_t(item));
        from.gather(column, rows.subspan(at, n), buffer.data());
        each(buffer.data(), int64_t(n));
    }
}

/// A number that is NaN is missing: it counts for neither mean nor deviation.
template <class T>
int64_t gather(StatisticsGatherer& statistics, const std::byte* raw, int64_t rows, int64_t item, int64_t channels,
               double divide) {
    const T* x = reinterpret_cast<const T*>(raw);
    int64_t missing = 0;
    for (int64_t r = 0; r < rows; ++r) {
        if constexpr (std::is_floating_point_v<T>)
            if (item == 1 && std::isnan(x[r])) {
                ++missing;
                continue;
            }
        statistics.add(x + r * item, item / channels, divide);
    }
    return missing;
}

} // namespace

MetaGatherer::MetaGatherer(const DataTable& like)
    : source_(like.path()), meta_(like.meta().empty() ? "{}" : like.meta()), columns_(like.columns()) {
    const Json meta = Json::parse(meta_, source_);
    const Json* statistics = meta.find("statistics");
    for (size_t i = 0; i < columns_.size(); ++i) {
        const ColumnInfo& column = columns_[i];
        if (column.kind == "category" && !column.ragged && column.dtype == DType::i32 && column.item_shape.empty())
            names_.push_back({int(i), std::vector<bool>(column.labels.size())});
        if (is_document(column)) texts_.push_back({int(i), WordCounter(token_rule(column, source_))});
        const Json* own = statistics ? statistics->find(column.name) : nullptr;
        const int64_t channels = own ? int64_t(own->at("mean").size()) : 0, item = count(column.item_shape);
        if (channels < 1 || column.ragged || item % channels != 0) continue;
        Numbers numbers;
        numbers.column = int(i);
        numbers.channels = channels;
        numbers.divide = column.kind == "image" && column.dtype == DType::u8 ? 255 : 1;
        numbers.statistics = StatisticsGatherer(channels);
        numbers_.push_back(std::move(numbers));
    }
}

void MetaGatherer::add(const DataTable& from, std::span<const int64_t> rows) {
    rows_ += int64_t(rows.size());
    for (Numbers& numbers : numbers_) add_numbers(numbers, from, rows);
    for (Texts& texts : texts_) {
        const Documents documents(from, from.find(columns_[size_t(texts.column)].name));
        std::string text;
        for (const int64_t row : rows) {
            documents.read(row, text);
            texts.counter.add(text);
        }
    }
    for (Names& names : names_)
        each_piece(from, from.find(columns_[size_t(names.column)].name), rows, [&](const std::byte* raw, int64_t n) {
            const int32_t* code = reinterpret_cast<const int32_t*>(raw);
            for (int64_t i = 0; i < n; ++i)
                if (code[i] >= 0 && size_t(code[i]) < names.seen.size()) names.seen[size_t(code[i])] = true;
        });
}

void MetaGatherer::add_numbers(Numbers& numbers, const DataTable& from, std::span<const int64_t> rows) const {
    const ColumnInfo& column = columns_[size_t(numbers.column)];
    each_piece(from, from.find(column.name), rows, [&](const std::byte* raw, int64_t n) {
        const auto as = [&](auto zero) {
            return gather<decltype(zero)>(numbers.statistics, raw, n, count(column.item_shape), numbers.channels,
                                          numbers.divide);
        };
        switch (column.dtype) {
        case DType::u8: numbers.missing += as(uint8_t{}); break;
        case DType::i8: numbers.missing += as(int8_t{}); break;
        case DType::i32: numbers.missing += as(int32_t{}); break;
        case DType::i64: numbers.missing += as(int64_t{}); break;
        case DType::f64: numbers.missing += as(double{}); break;
        default: numbers.missing += as(float{}); break;
        }
    });
}

std::string MetaGatherer::json(const std::string& split) const {
    Json meta = Json::parse(meta_, source_), statistics = Json::object(), unseen = Json::object(), of = Json::object(),
         vocabularies = Json::object();
    for (const Numbers& numbers : numbers_) {
        Json own = Json::object();
        own.set("mean", numbers.statistics.mean()).set("std", numbers.statistics.deviation());
        if (numbers.missing > 0) own.set("missing", numbers.missing);
        statistics.set(columns_[size_t(numbers.column)].name, own);
    }
    for (const Names& names : names_) {
        std::vector<int64_t> none;
        for (size_t k = 0; k < names.seen.size(); ++k)
            if (!names.seen[k]) none.push_back(int64_t(k));
        if (!none.empty()) unseen.set(columns_[size_t(names.column)].name, none);
    }
    for (const Texts& texts : texts_) {
        const ColumnInfo& column = columns_[size_t(texts.column)];
        vocabularies.set(column.name, to_json(texts.counter.list(size_t(most_words(column)))));
    }
    if (!texts_.empty()) meta.set("vocabularies", vocabularies);
    meta.set("statistics", statistics);
    meta.set("statistics_of", of.set("split", split).set("rows", rows_)).set("unseen", unseen);
    return meta.dump();
}

} // namespace ds
