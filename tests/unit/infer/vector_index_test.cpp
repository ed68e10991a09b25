// Nearest vectors beside all of them sorted: ties by row, scaled and opposite ones, those without a direction, tiles.
#include "infer/vector_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"

namespace ds {
namespace {

std::vector<double> drawn(rng::Sequence& random, int64_t size) {
    std::vector<double> vector;
    for (int64_t i = 0; i < size; ++i) vector.push_back(double(float(random.normal())));
    return vector;
}

float cosine(const std::vector<double>& a, const std::vector<double>& b) {
    double product = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < a.size(); ++i) product += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
    return float(product / (std::sqrt(aa) * std::sqrt(bb)));
}

TEST(VectorIndex, GivesTheFirstOfAllInOrder) {
    rng::Sequence random(5, rng::Stream::init);
    for (const int64_t rows : {1, 63, 64, 65, 200}) {
        VectorIndex index(7);
        std::vector<std::vector<double>> all;
        for (int64_t i = 0; i < rows; ++i) {
            all.push_back(i % 5 == 4 ? all[size_t(i / 2)] : drawn(random, 7)); // some come again
            EXPECT_TRUE(index.add(10 * i, all.back()));
        }
        const std::vector<double> query = drawn(random, 7);
        std::vector<Neighbour> wanted;
        for (int64_t i = 0; i < rows; ++i) wanted.push_back({10 * i, cosine(all[size_t(i)], query)});
        std::ranges::stable_sort(wanted, std::greater<>(), &Neighbour::similarity);
        for (const int64_t k : {1, 3, 64, 1000}) {
            const std::vector<Neighbour> found = index.nearest(query, k);
            ASSERT_EQ(std::ssize(found), std::min(k, rows));
            for (size_t i = 0; i < found.size(); ++i) {
                EXPECT_EQ(found[i].row, wanted[i].row) << rows << " " << k << " " << i;
                EXPECT_NEAR(found[i].similarity, wanted[i].similarity, 1e-7);
            }
        }
    }
}

TEST(VectorIndex, EqualDirectionsAreEquallyNearAndTheFirstRowComesFirst) {
    VectorIndex index(3);
    for (const double scale : {3.0, -1.0, 1e-20, 1e15, 1.0})
        EXPECT_TRUE(index.add(index.rows(), std::vector{scale, 2 * scale, -scale}));
    const std::vector<Neighbour> found = index.nearest(std::vector{2.0, 4.0, -2.0}, 5);
    std::vector<int64_t> rows;
    for (const Neighbour& one : found) rows.push_back(one.row);
    ASSERT_EQ(rows, (std::vector<int64_t>{0, 2, 3, 4, 1}));
    EXPECT_EQ(found[0].similarity, 1);
    EXPECT_EQ(found[4].similarity, -1);
}

TEST(VectorIndex, WhatHasNoDirectionIsNotTaken) {
    VectorIndex index(2);
    EXPECT_FALSE(index.add(0, std::vector{0.0, -0.0}));
    EXPECT_FALSE(index.add(1, std::vector{1.0, std::nan("")}));
    EXPECT_FALSE(index.add(2, std::vector{std::numeric_limits<double>::infinity(), 1.0}));
    EXPECT_TRUE(index.add(3, std::vector{1.0, 0.0}));
    EXPECT_EQ(index.rows(), 1);
    EXPECT_TRUE(index.nearest(std::vector{0.0, 0.0}, 3).empty());
    EXPECT_EQ(index.nearest(std::vector{0.0, 5.0}, 3), (std::vector<Neighbour>{{3, 0}}));
    EXPECT_TRUE(VectorIndex(2).nearest(std::vector{1.0, 0.0}, 3).empty());
}

TEST(VectorIndex, SaysWhatItKeeps) {
    EXPECT_EQ(VectorIndex::bytes(64, 10), 64 * (40 + 16));
    EXPECT_EQ(VectorIndex::bytes(65, 10), 128 * 40 + 65 * 16);
}

} // namespace
} // namespace ds
