// Splits of a data file: drawn by seed, whole groups together, by time, a fold of several, or as a column says. Columns
// are taken over byte by byte, with their digests; statistics are then of the training rows.
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
    bool force = false;          // of a file that has splits
    std::string group{};         // rows with the same value of this column stay together
    std::string time{};          // in the order of this column: the last rows are test, those before val
    int64_t fold = 0, folds = 0; // val is the fold-th (from 1) of so many equal parts; 0: as `validation` says
    std::string by{};            // a column of names: the splits are its names
};
struct SplitSummary {
    std::vector<std::pair<std::string, int64_t>> splits;
};
/// Error(usage) for choices that exclude each other or leave nothing to train on; Error(data) for columns that cannot
/// divide the rows.
SplitSummary split_data(const SplitRequest& request, const EditRecord& record);

} // namespace ds
