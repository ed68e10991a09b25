#include "tensor/type.h"

#include "base/error.h"

namespace ds {
namespace {

template <class Sizes, class ToText>
std::string list_text(const Sizes& sizes, const ToText& to_text) {
    std::string text = "[";
    for (size_t i = 0; i < sizes.size(); ++i) text += (i ? "," : "") + to_text(sizes[i]);
    return text + "]";
}

/// Splits at the commas that no parenthesis encloses.
std::vector<std::string_view> split_sizes(std::string_view list) {
    std::vector<std::string_view> parts;
    int depth = 0;
    size_t begin = 0;
    for (size_t i = 0; i < list.size(); ++i) {
        if (list[i] == '(') ++depth;
        if (list[i] == ')') --depth;
        if (list[i] != ',' || depth != 0) continue;
        parts.push_back(list.substr(begin, i - begin));
        begin = i + 1;
    }
    if (!list.empty()) parts.push_back(list.substr(begin));
    return parts;
}

} // namespace

std::string text(const Shape& shape) {
    return list_text(shape, [](const Dim& dim) { return dim.text(); });
}

std::string text(const Dims& dims) {
    return list_text(dims, [](int64_t size) { return fmt::format("{}", size); });
}

std::string text(const Type& type) { return std::string(name(type.dtype)) + text(type.shape); }

Type parse_type(std::string_view text) {
    const std::string_view shown = text.substr(0, 80);
    const size_t open = text.find('[');
    if (open == std::string_view::npos || !text.ends_with(']'))
        fail(Exit::data, "'{}' is no type; write an element type and sizes, as in f32[N,10]", shown);
    const auto dtype = parse_dtype(text.substr(0, open));
    if (!dtype)
        fail(Exit::data, "'{}' has an unknown element type; use f64, f32, bf16, f16, i64, i32, i8, u8 or bool", shown);
    Type type{*dtype, {}};
    for (const std::string_view size : split_sizes(text.substr(open + 1, text.size() - open - 2))) {
        if (type.shape.size() == size_t(max_rank)) fail(Exit::data, "'{}' has more than {} sizes", shown, max_rank);
        type.shape.push_back(Dim::parse(size));
        if (type.shape.back().known() && type.shape.back().value() < 0)
            fail(Exit::data, "'{}' has a negative size", shown);
    }
    return type;
}

bool known(const Shape& shape) {
    for (const Dim& dim : shape)
        if (!dim.known()) return false;
    return true;
}

Dims dims(const Shape& shape) {
    Dims sizes;
    for (const Dim& dim : shape) sizes.push_back(dim.value());
    return sizes;
}

Shape shape(const Dims& dims) { return Shape(dims.begin(), dims.end()); }

Shape bind(const Shape& shape, const Binding& binding) {
    Shape bound;
    for (const Dim& dim : shape) bound.push_back(dim.bind(binding));
    return bound;
}

Dim count(const Shape& shape) {
    Dim product(1);
    for (const Dim& dim : shape) product = product * dim;
    return product;
}

int64_t count(const Dims& dims) {
    // A zero makes the count zero however large the others are; it must not hide that they overflow
    // on the way to strides, so they are multiplied without it.
    int64_t product = 1;
    bool zero = false;
    for (const int64_t size : dims) {
        if (size < 0) fail(Exit::data, "the shape {} has a negative size", text(dims));
        if (size == 0) zero = true;
        else if (__builtin_mul_overflow(product, size, &product))
            fail(Exit::data, "the shape {} has more elements than 64 bits can count", text(dims));
    }
    return zero ? 0 : product;
}

int64_t bytes(DType dtype, const Dims& dims) {
    int64_t total;
    if (__builtin_mul_overflow(count(dims), int64_t{bits(dtype)}, &total) || total > INT64_MAX - 7)
        fail(Exit::data, "the shape {} has more bytes than 64 bits can count", text(dims));
    return (total + 7) / 8;
}

int64_t bytes(const Type& type) { return bytes(type.dtype, dims(type.shape)); }

} // namespace ds
