// Philox against the known answers of the Random123 distribution, and the sequence's promises.
#include "base/rng.h"

#include <gtest/gtest.h>

namespace ds::rng {
namespace {

TEST(Philox, KnownAnswers) {
    EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
              (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, DrawSeparatesSeedStreamSubAndIndex) {
    const Block base = draw(7, Stream::dropout, 3, 11);
    EXPECT_EQ(base, draw(7, Stream::dropout, 3, 11));
    EXPECT_NE(base, draw(8, Stream::dropout, 3, 11));
    EXPECT_NE(base, draw(uint64_t{7} | uint64_t{1} << 32, Stream::dropout, 3, 11));
    EXPECT_NE(base, draw(7, Stream::augment, 3, 11));
    EXPECT_NE(base, draw(7, Stream::dropout, 4, 11));
    EXPECT_NE(base, draw(7, Stream::dropout, 3, 12));
    EXPECT_NE(base, draw(7, Stream::dropout, 3, 11 + (uint64_t{1} << 32)));
}

TEST(Sequence, GoesOnFromAnyStart) {
    Sequence whole(5, Stream::shuffle);
    for (int i = 0; i < 8; ++i) whole.u32(); // two blocks
    Sequence later(5, Stream::shuffle, 0, 2);
    for (int i = 0; i < 9; ++i) EXPECT_EQ(whole.u32(), later.u32());
}

TEST(Sequence, BelowStaysBelowAndReachesAll) {
    Sequence draws(1, Stream::split);
    std::array<int, 7> seen{};
    for (int i = 0; i < 7000; ++i) ++seen.at(draws.below(7));
    for (const int n : seen) EXPECT_NEAR(n, 1000, 150);
}

TEST(Sequence, NormalHasMeanZeroAndVarianceOne) {
    Sequence draws(1, Stream::init);
    double sum = 0, squares = 0;
    constexpr int n = 20000;
    for (int i = 0; i < n; ++i) {
        const double x = draws.normal();
        sum += x;
        squares += x * x;
    }
    EXPECT_NEAR(sum / n, 0, 0.03);
    EXPECT_NEAR(squares / n, 1, 0.05);
}

TEST(SubStream, IsFnv1a) {
    EXPECT_EQ(sub_stream("", 0), 0x811c9dc5u);
    EXPECT_EQ(sub_stream("a", 1), 0xe40c292cu);
    EXPECT_EQ(sub_stream("foobar", 6), 0xbf9cf968u);
}

} // namespace
} // namespace ds::rng
