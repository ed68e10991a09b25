#include "data/picture/kept_files.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "base/json.h"
#include "data/picture/decode.h"

namespace ds {
namespace {

constexpr const char* kind = "encoded";
constexpr const char* shape_attribute = "pixels"; // the attribute: "3,224,224"
constexpr int64_t largest_side = 1 << 16;

Dims parse_shape(const ColumnInfo& column, const std::string& source) {
    const auto found = column.attributes.find(shape_attribute);
    const std::string text = found == column.attributes.end() ? "" : found->second;
    Dims dims;
    const char *at = text.data(), *end = at + text.size();
    while (at < end) {
        int64_t size = 0;
        const auto [behind, error] = std::from_chars(at, end, size);
        if (error != std::errc{} || size < 1 || size > largest_side || (behind < end && *behind != ',')) break;
        dims.push_back(size);
        at = behind < end ? behind + 1 : behind;
    }
    if (at < end || text.ends_with(',') || dims.size() != 3 || (dims[0] != 1 && dims[0] != 3))
        fail(Exit::data, "{}: column '{}' keeps pictures and does not say of which shape", source, column.name);
    return dims;
}

PictureRule rule_of(const DataTable& table, const std::string& column) {
    const Json meta = table.meta().empty() ? Json::object() : Json::parse(table.meta(), table.path());
    const Json* pictures = meta.find("pictures");
    const Json* rule = pictures ? pictures->find(column) : nullptr;
    if (!rule) fail(Exit::data, "{}: nothing says how the pictures of column '{}' become pixels", table.path(), column);
    return parse_rule(*rule, table.path());
}

} // namespace

ColumnInfo encoded_column(const std::string& name, int64_t channels, int64_t height, int64_t width) {
    return {name, DType::u8, {}, true, kind, {}, {{shape_attribute, fmt::format("{},{},{}", channels, height, width)}}};
}

bool is_encoded(const ColumnInfo& column) { return column.kind == kind; }

std::shared_ptr<const DataTable> decoded(std::shared_ptr<const DataTable> stored) {
    if (std::ranges::none_of(stored->columns(), is_encoded)) return stored;
    return std::make_shared<DecodedTable>(std::move(stored));
}

DecodedTable::DecodedTable(std::shared_ptr<const DataTable> stored)
    : stored_(std::move(stored)), columns_(stored_->columns()) {
    for (size_t i = 0; i < columns_.size(); ++i) {
        ColumnInfo& column = columns_[i];
        if (!is_encoded(column)) continue;
        if (!column.ragged || column.dtype != DType::u8 || !column.item_shape.empty())
            fail(Exit::data, "{}: column '{}' keeps pictures and is not of bytes", path(), column.name);
        const Dims pixels = parse_shape(column, path());
        const PictureRule rule = rule_of(*stored_, column.name);
        if (rule.channels != pixels[0])
            fail(Exit::data, "{}: the pictures of column '{}' have {} channels and their rule {}", path(), column.name,
                 pixels[0], rule.channels);
        encoded_[int(i)] = {.rule = rule, .offsets = stored_->offsets(int(i))};
        column = {column.name, DType::u8, pixels, false, "image", {}, {}};
    }
}

const DecodedTable::Encoded* DecodedTable::encoded(int column) const {
    const auto found = encoded_.find(column);
    return found == encoded_.end() ? nullptr : &found->second;
}

void DecodedTable::decode(int column, const Encoded& how, int64_t row, void* out) const {
    if (row < 0 || row >= rows()) bug("row {} of {}", row, path());
    const int64_t begin = how.offsets[size_t(row)], length = how.offsets[size_t(row) + 1] - begin;
    const std::string place = fmt::format("{}: row {} of column '{}'", path(), row + 1, columns_[size_t(column)].name);
    if (length > int64_t(largest_picture_file))
        fail(Exit::data, "{}: {} bytes are too many for a picture", place, length);
    std::vector<std::byte> bytes(static_cast<size_t>(length));
    stored_->read_values(column, begin, length, bytes.data());
    const Dims& pixels = columns_[size_t(column)].item_shape;
    const Image image = read_picture(bytes, place, how.rule, pixels[1], pixels[2]);
    if (image.height != pixels[1] || image.width != pixels[2])
        fail(Exit::data, "{}: {} x {}, and the column is of {} x {}", place, image.height, image.width, pixels[1],
             pixels[2]);
    std::memcpy(out, image.pixels.data(), image.pixels.size());
}

int64_t DecodedTable::reading_bytes(int column) const {
    const Encoded* how = encoded(column);
    if (!how) return stored_->reading_bytes(column);
    std::call_once(*how->measured, [&] { how->reading_bytes = measure(column, *how); });
    return how->reading_bytes;
}

int64_t DecodedTable::measure(int column, const Encoded& how) const {
    int64_t begin = 0, length = 0;
    for (size_t row = 0; row + 1 < how.offsets.size(); ++row)
        if (const int64_t own = how.offsets[row + 1] - how.offsets[row]; own > length)
            begin = how.offsets[row], length = own;
    if (length > int64_t(largest_picture_file)) return 0; // it is refused when it is read
    std::vector<std::byte> bytes(static_cast<size_t>(length));
    stored_->read_values(column, begin, length, bytes.data());
    try {
        const Raster raster = decode_picture(bytes, path());
        return length + raster.height * raster.width * (raster.channels + how.rule.channels) +
               columns_[size_t(column)].item_bytes();
    } catch (const Error&) { // likewise
        return length;
    }
}

void DecodedTable::read(int column, int64_t begin, int64_t count, void* out) const {
    const Encoded* how = encoded(column);
    if (!how) return stored_->read(column, begin, count, out);
    const int64_t size = columns_[size_t(column)].item_bytes();
    for (int64_t i = 0; i < count; ++i) decode(column, *how, begin + i, static_cast<std::byte*>(out) + i * size);
}

void DecodedTable::gather(int column, std::span<const int64_t> rows, void* out) const {
    const Encoded* how = encoded(column);
    if (!how) return stored_->gather(column, rows, out);
    const int64_t size = columns_[size_t(column)].item_bytes();
    for (size_t i = 0; i < rows.size(); ++i)
        decode(column, *how, rows[i], static_cast<std::byte*>(out) + int64_t(i) * size);
}

void DecodedTable::read_values(int column, int64_t begin, int64_t count, void* out) const {
    if (encoded(column)) bug("the pixels of {} are no ragged column", path());
    stored_->read_values(column, begin, count, out);
}

void DecodedTable::will_need(int column, int64_t begin, int64_t count) const {
    const Encoded* how = encoded(column);
    if (!how) return stored_->will_need(column, begin, count);
    const int64_t first = how->offsets[size_t(begin)];
    stored_->will_need(column, first, how->offsets[size_t(begin + count)] - first);
}

std::vector<int64_t> DecodedTable::offsets(int column) const {
    if (encoded(column)) bug("the pixels of {} are no ragged column", path());
    return stored_->offsets(column);
}

int64_t DecodedTable::kept_bytes(int column) const { return encoded(column) ? 0 : stored_->kept_bytes(column); }

int64_t DecodedTable::elements(int column) const {
    if (encoded(column)) bug("the pixels of {} are no ragged column", path());
    return stored_->elements(column);
}

} // namespace ds
