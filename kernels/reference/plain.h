// How reference kernels are written: a lambda over the call, made for the operands' element type.
// Conventions of the folder: operands are plain and contiguous; one thread; loops as the op's header says them;
// sums are accumulated in double. These are the oracle of every test: plain before fast.
#pragma once

#include <functional>

#include "base/error.h"
#include "kernels/kernel.h"

namespace ds::kernels::reference {

using Body = std::function<void(const Call&)>;

class PlainKernel : public Kernel {
public:
    explicit PlainKernel(Body body) : body_(std::move(body)) {}
    void run(const Call& call) const override { body_(call); }

private:
    Body body_;
};

inline std::unique_ptr<Kernel> plain(Body body, std::vector<std::pair<int, int>> in_place = {}) {
    auto kernel = std::make_unique<PlainKernel>(std::move(body));
    kernel->in_place = std::move(in_place);
    return kernel;
}

/// The kernel for f32 or f64: `make` is called with a value of the element type and gives the body.
template <class F>
std::unique_ptr<Kernel> for_floats(DType dtype, std::string& why, F make,
                                   std::vector<std::pair<int, int>> in_place = {}) {
    if (dtype == DType::f32) return plain(make(float{}), std::move(in_place));
    if (dtype == DType::f64) return plain(make(double{}), std::move(in_place));
    why = "needs f32 or f64";
    return nullptr;
}

/// The kernel for any number type.
template <class F>
std::unique_ptr<Kernel> for_numbers(DType dtype, std::string& why, F make,
                                    std::vector<std::pair<int, int>> in_place = {}) {
    switch (dtype) {
    case DType::i64: return plain(make(int64_t{}), std::move(in_place));
    case DType::i32: return plain(make(int32_t{}), std::move(in_place));
    case DType::i8: return plain(make(int8_t{}), std::move(in_place));
    case DType::u8: return plain(make(uint8_t{}), std::move(in_place));
    case DType::boolean: return plain(make(bool{}), std::move(in_place));
    default: return for_floats(dtype, why, make, std::move(in_place));
    }
}

/// A copy of the request's attributes that outlives it.
template <class T>
T attributes(const Request& request) {
    return request.as<T>();
}

/// Calls body(index, flat) for every index of a shape, row-major.
template <class F>
void for_each_index(const Dims& shape, F&& body) {
    Dims index(shape.size(), 0);
    const int64_t total = count(shape);
    for (int64_t flat = 0; flat < total; ++flat) {
        body(index, flat);
        for (size_t d = shape.size(); d-- > 0;) {
            if (++index[d] < shape[d]) break;
            index[d] = 0;
        }
    }
}

/// The flat offset in an operand of shape `from` that broadcasts to an index of a larger shape.
inline int64_t broadcast_offset(const Dims& from, const Dims& index) {
    int64_t offset = 0;
    const size_t lead = index.size() - from.size();
    for (size_t d = 0; d < from.size(); ++d) offset = offset * from[d] + (from[d] == 1 ? 0 : index[lead + d]);
    return offset;
}

/// Sizes before, at and after an axis.
struct AroundAxis {
    int64_t outer = 1, size = 1, inner = 1;
    AroundAxis(const Dims& shape, int64_t axis) {
        for (int64_t d = 0; d < int64_t(shape.size()); ++d)
            (d < axis ? outer : d == axis ? size : inner) *= shape[size_t(d)];
    }
};

/// An index value of an i32 or i64 operand.
inline int64_t index_at(const TensorView& view, int64_t i) {
    return view.dtype == DType::i32 ? view.as<int32_t>()[i] : view.as<int64_t>()[i];
}

} // namespace ds::kernels::reference
