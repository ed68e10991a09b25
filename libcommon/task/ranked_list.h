// Measures of one list that is put in order by scores: NDCG (Järvelin & Kekäläinen 2002), average precision, reciprocal
// rank, recall. Where scores are equal, each is its expectation over all orders of the equals (McSherry & Najork 2008):
// a scorer that says the same of all gets what chance gets, whatever the order of the data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ds {

struct ListRow {
    double score = 0, relevance = 0; // relevant: above 0
    bool operator==(const ListRow&) const = default;
};

/// The greatest score first.
void put_in_order(std::vector<ListRow>& list);

// Of a list in order; k <= 0: all of it. NaN where no row is relevant.

/// Gains 2^relevance - 1, discounts 1 / log2(1 + place), over the same of the best order.
double ndcg(std::span<const ListRow> list, int64_t k = 0);
/// Mean, over relevant rows, of the precision down to the row.
double average_precision(std::span<const ListRow> list);
/// 1 / place of the first relevant row.
double reciprocal_rank(std::span<const ListRow> list);
/// Of the relevant rows, the share among the first k.
double recall(std::span<const ListRow> list, int64_t k);

/// The place of each row within its group: 1 + the rows of the group with a greater score. Equal scores share one.
std::vector<int64_t> ranks_in_groups(std::span<const std::string> groups, std::span<const double> scores);

} // namespace ds
