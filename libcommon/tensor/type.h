// The type of a value: element type and shape. Bytes are a function of the type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/dim.h"
#include "tensor/dtype.h"

namespace ds {

/// Sizes, outermost first; may hold symbols.
using Shape = std::vector<Dim>;
/// Sizes that are all bound.
using Dims = std::vector<int64_t>;

constexpr int max_rank = 8;

struct Type {
    DType dtype = DType::f32;
    Shape shape;
    bool operator==(const Type&) const = default;
};

std::string text(const Shape& shape); // "[N,3,32,32]"
std::string text(const Dims& dims);
std::string text(const Type& type);     // "f32[N,3,32,32]"
Type parse_type(std::string_view text); // Error(data)

bool known(const Shape& shape);
Dims dims(const Shape& shape); // bug when a symbol is left
Shape shape(const Dims& dims);
Shape bind(const Shape& shape, const Binding& binding);
Dim count(const Shape& shape);
int64_t count(const Dims& dims); // Error(data) when it overflows or a size is negative
int64_t bytes(DType dtype, const Dims& dims);
int64_t bytes(const Type& type); // bug when a symbol is left

} // namespace ds
