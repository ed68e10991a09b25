// Packed copies of weights are found by the name of their format: formats of other bytes have other names.
#include <gtest/gtest.h>

#include <set>

#include "kernels/cpu/onednn/onednn.h"

namespace ds::kernels::cpu {
namespace {

TEST(FormatName, SaysTypeLayoutAndCompensation) {
    using Type = dnnl::memory::data_type;
    const dnnl::memory::dims shape{16, 16, 3, 3};
    std::set<std::string> names;
    for (const Type type : {Type::f32, Type::bf16, Type::s8})
        for (const Tag tag : {Tag::oihw, Tag::hwio, Tag::OIhw16i16o})
            EXPECT_TRUE(names.insert(format_name({shape, type, tag})).second);
    Desc compensated(shape, Type::s8, Tag::hwio);
    compensated.data.extra.flags = dnnl_memory_extra_flag_compensation_conv_s8s8;
    compensated.data.extra.compensation_mask = 1;
    EXPECT_TRUE(names.insert(format_name(compensated)).second);
    compensated.data.extra.compensation_mask = 3;
    EXPECT_TRUE(names.insert(format_name(compensated)).second);
    EXPECT_EQ(format_name(compensated), format_name(compensated));
}

} // namespace
} // namespace ds::kernels::cpu
