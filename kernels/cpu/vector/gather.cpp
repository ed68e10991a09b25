// gather and gather_dw. Rows move as bytes. The gradient gives each thread its own range of table rows and lets
// it walk all indices in order, so that the sums are the same for any number of threads.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/gather.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/simd-inl.h"
#include "ops/shape_ops.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

void add_row(const float* x, float* y, int64_t n) {
    map(
        y, size_t(n), [](V a, V b) HWY_ATTR { return hn::Add(a, b); }, y, x);
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(add_row);

int64_t index_at(const TensorView& index, int64_t i) {
    return index.dtype == DType::i32 ? index.as<int32_t>()[i] : index.as<int64_t>()[i];
}

void check_indices(const TensorView& index, int64_t n, int64_t rows) {
    for (int64_t i = 0; i < n; ++i)
        if (const int64_t at = index_at(index, i); at < 0 || at >= rows)
            fail(Exit::data, "index {} at place {} is outside 0..{}; check the data or the table's size", at, i,
                 rows - 1);
}

bool index_type(const Operand& o, std::string& why) {
    return o.dtype == DType::i32 || o.dtype == DType::i64 || refuse(why, "indices are neither i32 nor i64");
}

std::unique_ptr<Kernel> make_gather(const Request& request, std::string& why) {
    const Operand &table = request.in[0], &index = request.in[1];
    if (!index_type(index, why)) return nullptr;
    const int64_t rows = table.shape[0], n = count(index.shape);
    const int64_t row_bytes = rows ? bytes(table.dtype, table.shape) / rows : 0;
    return make_kernel([=](const Call& call) {
        check_indices(call.in[1], n, rows);
        const std::byte* from = call.in[0].data;
        std::byte* to = call.out[0].data;
        parallel_for(
            n, std::max<int64_t>(1, 4 * min_work / std::max<int64_t>(1, row_bytes)), [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i)
                    std::memcpy(to + i * row_bytes, from + index_at(call.in[1], i) * row_bytes, size_t(row_bytes));
            });
    });
}

std::unique_ptr<Kernel> make_gather_dw(const Request& request, std::string& why) {
    if (request.in[0].dtype != DType::f32) return refuse(why, "needs f32"), nullptr;
    if (!index_type(request.in[1], why)) return nullptr;
    const int64_t rows = request.out[0].shape[0], n = count(request.in[1].shape);
    const int64_t width = rows ? count(request.out[0].shape) / rows : 0;
    return make_kernel([=](const Call& call) {
        check_indices(call.in[1], n, rows);
        const float* dy = call.in[0].as<float>();
        float* table = call.out[0].as<float>();
        const int64_t work = std::max<int64_t>(1, width + n * width / std::max<int64_t>(1, rows));
        parallel_for(rows, std::max<int64_t>(1, min_work / work), [&](int64_t begin, int64_t end) {
            std::fill(table + begin * width, table + end * width, 0.0f);
            for (int64_t i = 0; i < n; ++i)
                if (const int64_t at = index_at(call.in[1], i); at >= begin && at < end)
                    HWY_DYNAMIC_DISPATCH(add_row)(dy + i * width, table + at * width, width);
        });
    });
}

} // namespace

void add_gather(Registry& registry) {
    registry.add({"gather", "cpu.vector.gather", make_gather});
    registry.add({"gather_dw", "cpu.vector.gather", make_gather_dw});
}

} // namespace ds::kernels::cpu
#endif
