// The planner's own moves, which no graph holds: "reorder" between layouts, "copy" between strided operands; each
// kernel of the CPU that takes them, by every pair of layouts.
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/parallel.h"
#include "kernels/kernel.h"
#include "unit/kernels/memory.h"

namespace ds::testing {
namespace {

struct Place {
    Layout layout = {};
    Strides strides = Strides::dense;
};

TensorView view_at(const Place& place, DType dtype, const Dims& shape) {
    TensorView view{nullptr, dtype, shape, {}, place.layout};
    if (place.layout.format == Format::plain) view.strides = strides_of(shape, place.strides);
    return view;
}

kernels::Operand operand(const TensorView& v) {
    kernels::Operand o;
    o.dtype = v.dtype;
    o.shape = v.shape;
    o.layout = v.layout;
    o.strides = v.strides;
    return o;
}

/// Moves random elements by one row; false when it refuses.
bool expect_moved(const kernels::Row& row, DType dtype, const Dims& shape, const Place& from_place,
                  const Place& to_place) {
    In in{dtype, shape, is_float(dtype) ? -1.0 : 0.0, is_float(dtype) ? 1.0 : 100.0};
    const Tensor tensor = random_tensor(in, 5);
    TensorView from = view_at(from_place, dtype, shape), to = view_at(to_place, dtype, shape);
    const kernels::Operand asked[] = {operand(from)}, wanted[] = {operand(to)};
    const NoAttrs none;
    std::string why;
    const auto kernel = row.make({row.op, none, asked, wanted, "", {}, {}, {}}, why);
    if (!kernel) return false;
    const Guarded memory(size_t(extent(from)) * element_size(dtype)), target(size_t(extent(to)) * element_size(dtype)),
        scratch(kernel->scratch);
    from.data = memory.data();
    to.data = target.data();
    write_view(from, tensor);
    const TensorView ins[] = {from}, outs[] = {to};
    kernel->run({ins, outs, scratch.data()});
    const Tensor got = read_view(to);
    for (int64_t i = 0; i < got.size(); ++i)
        EXPECT_EQ(element(got, i), element(tensor, i)) << row.name << ", element " << i;
    EXPECT_TRUE(target.intact() && scratch.intact()) << row.name << " wrote outside of its memory";
    EXPECT_TRUE(tail_is_zero(to)) << row.name << " left garbage behind the last channel";
    return true;
}

const std::vector<Dims>& images() {
    static const std::vector<Dims> all{{2, 3, 4, 5}, {1, 16, 3, 3}, {3, 17, 1, 7},  {2, 40, 6, 6},
                                       {1, 1, 9, 9}, {2, 8, 1, 1},  {4, 33, 12, 12}};
    return all;
}

TEST(Moves, ReorderBetweenLayouts) {
    const Layout layouts[] = {{}, {Format::blocked, 8}, {Format::blocked, 16}};
    for (int n : {1, 3}) {
        set_threads(n);
        for (const kernels::Row& row : kernels::registry("cpu").rows("reorder")) {
            int taken = 0;
            for (const Dims& shape : images())
                for (Layout from : layouts)
                    for (Layout to : layouts)
                        for (DType dtype : {DType::f32, DType::u8})
                            if (from != to) taken += expect_moved(row, dtype, shape, {from}, {to});
            EXPECT_GT(taken, 0) << row.name;
        }
    }
}

TEST(Moves, ReorderFromStrides) {
    for (const kernels::Row& row : kernels::registry("cpu").rows("reorder"))
        for (const Dims& shape : images())
            for (Strides strides : {Strides::gaps, Strides::transposed})
                expect_moved(row, DType::f32, shape, {{}, strides}, {{Format::blocked, 8}});
}

TEST(Moves, CopyBetweenStrides) {
    const Strides all[] = {Strides::dense, Strides::gaps, Strides::transposed};
    const DType dtypes[] = {DType::f32, DType::f64, DType::i64, DType::u8, DType::boolean};
    for (const kernels::Row& row : kernels::registry("cpu").rows("copy")) {
        int taken = 0;
        for (const Dims& shape :
             {Dims{}, Dims{7}, Dims{5, 6}, Dims{3, 1, 9}, Dims{2, 3, 4, 5}, Dims{0, 4}, Dims{70, 130}})
            for (Strides from : all)
                for (Strides to : all)
                    for (DType dtype : dtypes) taken += expect_moved(row, dtype, shape, {{}, from}, {{}, to});
        EXPECT_GT(taken, 0) << row.name;
    }
}

TEST(Moves, CopyOfBlocks) { // the same layout on both sides
    for (const kernels::Row& row : kernels::registry("cpu").rows("copy"))
        for (int block : {8, 16}) {
            const Place place{{Format::blocked, block}};
            expect_moved(row, DType::f32, {2, 17, 3, 3}, place, place);
        }
}

TEST(Moves, EveryDeviceHasThem) {
    for (const char* device : {"cpu", "reference"})
        for (const char* op : {"copy", "reorder"})
            EXPECT_FALSE(kernels::registry(device).rows(op).empty()) << device << " " << op;
}

TEST(Moves, KernelsWithoutPackingsDoNotPack) {
    struct Plain : kernels::Kernel {
        void run(const kernels::Call&) const override {}
    };
    EXPECT_THROW(Plain().pack(0, {}, nullptr, nullptr), Error);
}

} // namespace
} // namespace ds::testing
