// Element types of tensors. Names are those of the graph text ("f32") and never change.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ds {

enum class DType : uint8_t { f64, f32, bf16, f16, i64, i32, i8, u8, boolean };

std::string_view name(DType dtype); // "f32"
std::optional<DType> parse_dtype(std::string_view text);
bool is_float(DType dtype);
int bits(DType dtype); // per element

template <class T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<double>() {
    return DType::f64;
}
template <>
constexpr DType dtype_of<float>() {
    return DType::f32;
}
template <>
constexpr DType dtype_of<int64_t>() {
    return DType::i64;
}
template <>
constexpr DType dtype_of<int32_t>() {
    return DType::i32;
}
template <>
constexpr DType dtype_of<int8_t>() {
    return DType::i8;
}
template <>
constexpr DType dtype_of<uint8_t>() {
    return DType::u8;
}
template <>
constexpr DType dtype_of<bool>() {
    return DType::boolean;
}

} // namespace ds
