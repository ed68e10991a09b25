// Comparisons, logic, integer arithmetic, select and cast as plain loops over contiguous elements.
#include "kernels/cpu/vector/elementwise_plain.h"

#include <cmath>
#include <cstdint>

#include "base/number_cast.h"

namespace ds::kernels::cpu {
namespace {

template <class T>
const T* at(const std::byte* p) {
    return reinterpret_cast<const T*>(p);
}
template <class T>
T* at(std::byte* p) {
    return reinterpret_cast<T*>(p);
}

template <BinaryKind kind, class T>
void binary(const std::byte* const* in, std::byte* out, size_t n, float, float) {
    using K = BinaryKind;
    const T *a = at<T>(in[0]), *b = at<T>(in[1]);
    if constexpr (kind == K::add || kind == K::sub || kind == K::mul || kind == K::max || kind == K::min) {
        using U = std::make_unsigned_t<T>; // integers wrap
        T* y = at<T>(out);
        for (size_t i = 0; i < n; ++i) {
            if constexpr (kind == K::add) y[i] = T(U(a[i]) + U(b[i]));
            else if constexpr (kind == K::sub) y[i] = T(U(a[i]) - U(b[i]));
            else if constexpr (kind == K::mul) y[i] = T(U(a[i]) * U(b[i]));
            else if constexpr (kind == K::max) y[i] = a[i] > b[i] ? a[i] : b[i];
            else y[i] = a[i] < b[i] ? a[i] : b[i];
        }
    } else {
        uint8_t* y = at<uint8_t>(out);
        for (size_t i = 0; i < n; ++i) {
            if constexpr (kind == K::eq) y[i] = a[i] == b[i];
            else if constexpr (kind == K::ne) y[i] = a[i] != b[i];
            else if constexpr (kind == K::lt) y[i] = a[i] < b[i];
            else if constexpr (kind == K::le) y[i] = a[i] <= b[i];
            else if constexpr (kind == K::gt) y[i] = a[i] > b[i];
            else if constexpr (kind == K::ge) y[i] = a[i] >= b[i];
            else if constexpr (kind == K::logical_and) y[i] = a[i] != 0 && b[i] != 0;
            else y[i] = a[i] != 0 || b[i] != 0;
        }
    }
}

template <class T>
Micro binary_of(BinaryKind kind) {
    using K = BinaryKind;
    if constexpr (!std::is_floating_point_v<T> && sizeof(T) >= 4) {
        switch (kind) {
        case K::add: return binary<K::add, T>;
        case K::sub: return binary<K::sub, T>;
        case K::mul: return binary<K::mul, T>;
        case K::max: return binary<K::max, T>;
        case K::min: return binary<K::min, T>;
        default: break;
        }
    }
    switch (kind) {
    case K::eq: return binary<K::eq, T>;
    case K::ne: return binary<K::ne, T>;
    case K::lt: return binary<K::lt, T>;
    case K::le: return binary<K::le, T>;
    case K::gt: return binary<K::gt, T>;
    case K::ge: return binary<K::ge, T>;
    case K::logical_and: return binary<K::logical_and, T>;
    case K::logical_or: return binary<K::logical_or, T>;
    default: return nullptr;
    }
}

void is_finite(const std::byte* const* in, std::byte* out, size_t n, float, float) {
    const uint32_t* x = at<uint32_t>(in[0]);
    for (size_t i = 0; i < n; ++i) at<uint8_t>(out)[i] = (x[i] & 0x7F800000u) != 0x7F800000u;
}

void logical_not(const std::byte* const* in, std::byte* out, size_t n, float, float) {
    for (size_t i = 0; i < n; ++i) at<uint8_t>(out)[i] = at<uint8_t>(in[0])[i] == 0;
}

template <class T>
void choose(const std::byte* const* in, std::byte* out, size_t n, float, float) {
    const uint8_t* c = at<uint8_t>(in[0]);
    const T *a = at<T>(in[1]), *b = at<T>(in[2]);
    for (size_t i = 0; i < n; ++i) at<T>(out)[i] = c[i] ? a[i] : b[i];
}

template <class From, class To>
void convert(const std::byte* const* in, std::byte* out, size_t n, float, float) {
    const From* x = at<From>(in[0]);
    for (size_t i = 0; i < n; ++i) {
        if constexpr (std::is_same_v<To, bool>) at<uint8_t>(out)[i] = x[i] != From(0);
        else at<To>(out)[i] = number_cast<To>(x[i]);
    }
}

template <class From>
Micro cast_from(DType to) {
    switch (to) {
    case DType::f32: return convert<From, float>;
    case DType::i64: return convert<From, int64_t>;
    case DType::i32: return convert<From, int32_t>;
    case DType::u8: return convert<From, uint8_t>;
    case DType::boolean: return convert<From, bool>;
    default: return nullptr;
    }
}

} // namespace

Micro plain_unary(UnaryKind kind, DType x) {
    if (kind == UnaryKind::is_finite && x == DType::f32) return is_finite;
    if (kind == UnaryKind::logical_not && x == DType::boolean) return logical_not;
    return nullptr;
}

Micro plain_binary(BinaryKind kind, DType operands) {
    switch (operands) {
    case DType::f32: return binary_of<float>(kind);
    case DType::i64: return binary_of<int64_t>(kind);
    case DType::i32: return binary_of<int32_t>(kind);
    case DType::u8:
    case DType::boolean: return binary_of<uint8_t>(kind);
    default: return nullptr;
    }
}

Micro select_micro(DType dtype) {
    switch (bits(dtype)) {
    case 64: return choose<uint64_t>;
    case 32: return choose<uint32_t>;
    case 16: return choose<uint16_t>;
    case 8: return choose<uint8_t>;
    default: return nullptr;
    }
}

Micro cast_micro(DType from, DType to) {
    switch (from) {
    case DType::f32: return cast_from<float>(to);
    case DType::i64: return cast_from<int64_t>(to);
    case DType::i32: return cast_from<int32_t>(to);
    case DType::u8: return cast_from<uint8_t>(to);
    case DType::boolean: return cast_from<uint8_t>(to);
    default: return nullptr;
    }
}

} // namespace ds::kernels::cpu
