// Splits of a data file, drawn by seed. Columns are taken over byte by byte, with their digests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/edit/edit.h"

namespace ds {

struct SplitRequest {
    std::string input, output;
    double validation = 0, test = 0; // below 1: a fraction of the rows; else a count; 0: none
    bool stratify = false;           // the same share of every class
    uint64_t seed = 0;
    bool force = false; // of a file that has splits
};
struct SplitSummary {
    std::vector<std::pair<std::string, int64_t>> splits;
};
/// Writes `input` with splits train, val and test, drawn by seed; statistics are then of the training rows.
/// Error(usage) when nothing would be left to train on.
SplitSummary split_data(const SplitRequest& request, const EditRecord& record);

} // namespace ds
