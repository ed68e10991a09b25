// Types: text and back, counts that cannot overflow unseen; tensors and views.
#include "tensor/type.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tensor/tensor.h"

namespace ds {
namespace {

TEST(DTypeNames, ReadBack) {
    for (int i = 0; i <= int(DType::boolean); ++i) EXPECT_EQ(parse_dtype(name(DType(i))), DType(i));
    EXPECT_EQ(parse_dtype("f31"), std::nullopt);
}

TEST(TypeText, ReadsBack) {
    for (const char* text : {"f32[N,3,32,32]", "i64[]", "bf16[N*T,64]", "u8[N,floor(H+1,2),7]", "bool[0]"})
        EXPECT_EQ(ds::text(parse_type(text)), text);
    for (const char* wrong :
         {"f32", "f32[", "[2]", "f33[2]", "f32[2,]", "f32[,2]", "f32[-1]", "f32[2]x", "f32[1,1,1,1,1,1,1,1,1]"})
        EXPECT_THROW(parse_type(wrong), Error) << wrong;
}

TEST(Count, IsExactOrRefused) {
    EXPECT_EQ(count(Dims{}), 1);
    EXPECT_EQ(count(Dims{2, 0, 3}), 0);
    EXPECT_EQ(count(Dims{2, 3, 4}), 24);
    EXPECT_EQ(count(Shape{Dim::symbol("N"), 3}).text(), "3*N");
    EXPECT_THROW(count(Dims{-1, 2}), Error);
    EXPECT_THROW(count(Dims{int64_t{1} << 62, 4}), Error);
    EXPECT_THROW(count(Dims{int64_t{1} << 62, 4, 0}), Error);
    EXPECT_THROW(bytes(DType::f64, Dims{int64_t{1} << 60}), Error);
    EXPECT_EQ(bytes(parse_type("bf16[3,5]")), 30);
    EXPECT_THROW(bytes(parse_type("f32[N]")), Error);
}

TEST(ShapeFunctions, BindAndConvert) {
    const Shape symbolic = parse_type("f32[N,3]").shape;
    EXPECT_FALSE(known(symbolic));
    EXPECT_EQ(dims(bind(symbolic, {{"N", 5}})), (Dims{5, 3}));
    EXPECT_EQ(shape(Dims{5, 3}), bind(symbolic, {{"N", 5}}));
    EXPECT_EQ(text(Dims{5, 3}), "[5,3]");
    EXPECT_THROW(dims(symbolic), Error);
}

TEST(Tensor, IsZeroedAlignedAndShared) {
    Tensor tensor(DType::f32, {3, 5});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % 64, 0u);
    for (const float x : tensor.span<float>()) EXPECT_EQ(x, 0.0f);
    const Tensor same = tensor, other = tensor.clone();
    tensor.as<float>()[4] = 7;
    EXPECT_EQ(same.as<float>()[4], 7);
    EXPECT_EQ(other.as<float>()[4], 0);
    EXPECT_EQ(other.shape(), tensor.shape());
    EXPECT_TRUE(Tensor().clone().empty());
    EXPECT_EQ(Tensor(DType::f32, {0}).byte_size(), 0u);
}

TEST(Tensor, RefusesWhatNoMachineHolds) { EXPECT_THROW(Tensor(DType::u8, {int64_t{1} << 62}), Error); }

TEST(TensorView, KnowsWhenItIsContiguous) {
    const Tensor tensor(DType::f32, {2, 3, 4});
    TensorView view = tensor.view();
    EXPECT_EQ(view.strides, (Dims{12, 4, 1}));
    EXPECT_TRUE(view.contiguous());
    std::swap(view.shape[1], view.shape[2]);
    std::swap(view.strides[1], view.strides[2]);
    EXPECT_FALSE(view.contiguous());
    EXPECT_TRUE((TensorView{tensor.data(), DType::f32, {1, 4}, {99, 1}, {}}.contiguous()));
    EXPECT_FALSE((TensorView{tensor.data(), DType::f32, {1, 4}, {}, {Format::blocked, 8}}.contiguous()));
}

TEST(Layouts, BlockedPadsChannels) {
    EXPECT_EQ(bytes(DType::f32, {2, 3, 5, 5}, {}), 2 * 3 * 25 * 4);
    EXPECT_EQ(bytes(DType::f32, {2, 3, 5, 5}, {Format::blocked, 8}), 2 * 8 * 25 * 4);
    EXPECT_EQ(bytes(DType::f32, {2, 16, 5, 5}, {Format::blocked, 8}), 2 * 16 * 25 * 4);
    EXPECT_THROW(bytes(DType::f32, {2}, {Format::blocked, 8}), Error);
}

} // namespace
} // namespace ds
