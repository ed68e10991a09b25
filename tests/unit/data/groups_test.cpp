// Groups of rows, and batches that hold them whole: every row comes once, groups of one stay together, epochs differ.
#include "data/batch/groups.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "data/batch/batcher.h"
#include "data/batch/group_order.h"
#include "fixture.h"
#include "graph/text.h"

namespace ds {
namespace {

using namespace ds::test;

class GroupsOfRows : public ::testing::Test {
protected:
    /// A file with a row for each name, beside its number as a feature.
    std::shared_ptr<DataSource> data(const std::vector<std::string>& names) {
        DataFileWriter writer(folder_ / "d.h5");
        std::vector<float> x(names.size());
        std::iota(x.begin(), x.end(), 0.0f);
        add(writer, {"x", DType::f32, {}, false, "number", {}, {}}, x);
        add(writer, {"y", DType::f32, {}, false, "target", {}, {}}, x);
        const int column = writer.add_column({"query", DType::u8, {}, true, "group", {}, {}});
        for (const std::string& name : names) {
            const auto length = int64_t(name.size());
            writer.append_ragged(column, std::as_bytes(std::span(name)), std::span(&length, 1));
        }
        writer.set_meta("{}");
        writer.commit();
        return std::make_shared<DataSource>(folder_ / "d.h5");
    }
    /// Groups of these sizes, their rows far apart.
    std::shared_ptr<DataSource> of_sizes(std::vector<int> sizes) {
        std::vector<std::string> names;
        for (bool any = true; any;) {
            any = false;
            for (size_t g = 0; g < sizes.size(); ++g)
                if (sizes[g]-- > 0) names.push_back("q" + std::to_string(g)), any = true;
        }
        return data(names);
    }
    test::Folder folder_;
};

TEST_F(GroupsOfRows, AreNumberedAsTheyCome) {
    const auto source = data({"b", "a", "b", "c", "a", "b"});
    const Groups groups(*source, group_column(*source));
    EXPECT_EQ(groups.count(), 3);
    EXPECT_EQ(groups.number(3), 2);
    EXPECT_EQ(groups.place(5), 2);
    EXPECT_EQ(std::vector<int64_t>(groups.rows(0).begin(), groups.rows(0).end()), (std::vector<int64_t>{0, 2, 5}));
}

TEST_F(GroupsOfRows, NeedAName) {
    const auto source = data({"b", "", "b"});
    expect_says(error_of(Exit::data, [&] { Groups(*source, group_column(*source)); }), "'query' is empty in row 2");
}

/// The rows of each batch of an epoch.
std::vector<std::vector<int64_t>> epoch_of(const GroupOrder& order, int64_t epoch) {
    std::vector<std::vector<int64_t>> all;
    for (int64_t b = 0; b < order.batches(); ++b) all.push_back(order.rows(b, epoch));
    return all;
}

TEST_F(GroupsOfRows, EachRowComesOnceInAnEpochAndGroupsStayWhole) {
    std::vector<int> sizes;
    for (int i = 0; i < 40; ++i) sizes.push_back(1 + i * 7 % 13);
    const auto source = of_sizes(sizes);
    const Groups groups(*source, group_column(*source));
    for (const bool shuffle : {true, false}) {
        const GroupOrder order(groups, 16, shuffle, 5);
        std::multiset<int64_t> seen;
        for (const auto& batch : epoch_of(order, 3)) {
            EXPECT_EQ(batch.size(), 16U);
            std::map<int32_t, size_t> of_group;
            for (const int64_t row : batch)
                if (row >= 0) seen.insert(row), ++of_group[groups.number(row)];
            for (const auto& [g, n] : of_group) EXPECT_EQ(n, groups.rows(g).size());
        }
        EXPECT_EQ(int64_t(seen.size()), source->rows());
        EXPECT_EQ(std::set<int64_t>(seen.begin(), seen.end()).size(), seen.size());
        EXPECT_EQ(order.places(), source->rows() + order.filled_up());
        EXPECT_LT(order.filled_up(), 16 * 3) << "first fit leaves little room";
    }
}

TEST_F(GroupsOfRows, EpochsMixGroupsAnew) {
    const auto source = of_sizes(std::vector<int>(30, 5));
    const Groups groups(*source, group_column(*source));
    const GroupOrder order(groups, 15, true, 1), again(groups, 15, true, 1), other(groups, 15, true, 2),
        fixed(groups, 15, false, 1);
    EXPECT_EQ(epoch_of(order, 4), epoch_of(again, 4));
    EXPECT_NE(epoch_of(order, 4), epoch_of(other, 4));
    const auto mates = [&](int64_t epoch) { // those that share a batch with group 0
        for (const auto& batch : epoch_of(order, epoch))
            if (std::ranges::count(batch, groups.rows(0)[0])) return std::set<int64_t>(batch.begin(), batch.end());
        return std::set<int64_t>{};
    };
    EXPECT_NE(mates(0), mates(1));
    EXPECT_EQ(epoch_of(fixed, 0), epoch_of(fixed, 1));
    EXPECT_EQ(fixed.rows(0, 0)[0], 0);
}

TEST_F(GroupsOfRows, LargerThanABatchAreCut) {
    const auto source = of_sizes({21, 1, 3});
    const Groups groups(*source, group_column(*source));
    const GroupOrder order(groups, 8, true, 1);
    EXPECT_EQ(order.cut_groups(), 1);
    EXPECT_EQ(order.largest_group(), 21);
    std::multiset<int64_t> seen;
    for (const auto& batch : epoch_of(order, 0))
        for (const int64_t row : batch)
            if (row >= 0) seen.insert(row);
    EXPECT_EQ(seen.size(), 25U);
}

TEST_F(GroupsOfRows, OneBatchForAllHasNoRoomLeft) {
    const auto source = of_sizes({2, 1, 3});
    const Groups groups(*source, group_column(*source));
    const GroupOrder order(groups, 100, true, 1);
    EXPECT_EQ(order.batches(), 1);
    EXPECT_EQ(order.places(), 6);
    EXPECT_EQ(order.filled_up(), 0);
}

Graph ranking_graph() {
    return parse_graph("graph \"g\" {\n  input x: f32[N]\n  input y: f32[N] role=target\n  input \"group/query\": "
                       "i32[N,2] role=target\n  output logits = x\n  output y = y\n}\n",
                       "test");
}

TEST_F(GroupsOfRows, ComeInBatchesWithNumbersAndPlaces) {
    const auto source = data({"b", "a", "b", "c", "a", "b", "d"});
    BatchOptions options;
    options.batch = 4;
    options.epochs = 2;
    options.seed = 9;
    options.whole_groups = true;
    Batcher batcher(source, bind_inputs(ranking_graph(), *source, {}, {}, {}, true), options);
    EXPECT_EQ(batcher.batch_sizes(), std::vector<int64_t>{4});
    int64_t real = 0;
    while (const Batch* batch = batcher.next()) {
        ASSERT_EQ(batch->size, 4);
        real += batch->real;
        for (int64_t i = 0; i < 4; ++i) {
            const auto* group = batch->inputs.at("group/query").as<int32_t>() + 2 * i;
            EXPECT_EQ(batch->inputs.at("x").as<float>()[i], float(batch->sample[size_t(i)]));
            if (i >= batch->real) EXPECT_EQ(group[0], -1);
            else EXPECT_EQ(group[0], (std::vector<int32_t>{0, 1, 0, 2, 1, 0, 3}[size_t(batch->sample[size_t(i)])]));
            EXPECT_EQ(group[1], (std::vector<int32_t>{0, 0, 1, 0, 1, 2, 0}[size_t(batch->sample[size_t(i)])]));
        }
    }
    EXPECT_EQ(real, 14);
}

TEST_F(GroupsOfRows, AreMissedWhereTheModelNeedsThem) {
    DataFileWriter writer(folder_ / "plain.h5");
    add(writer, {"x", DType::f32, {}, false, "number", {}, {}}, std::vector<float>{1, 2});
    add(writer, {"y", DType::f32, {}, false, "target", {}, {}}, std::vector<float>{1, 2});
    writer.set_meta("{}");
    writer.commit();
    const DataSource plain(folder_ / "plain.h5");
    const auto bind = [&](bool need_target) { return bind_inputs(ranking_graph(), plain, {}, {}, {}, need_target); };
    expect_says(error_of(Exit::data, [&] { bind(true); }), "--group COLUMN");
    EXPECT_EQ(bind(false).size(), 1U);
}

} // namespace
} // namespace ds
