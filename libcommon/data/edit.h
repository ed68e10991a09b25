// Data files made from data files: names for classes, splits. Columns are taken over byte by byte, with their digests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/data_file.h"

namespace ds {

/// What an edit leaves in the history.
struct EditRecord {
    std::string version;
    std::vector<std::string> arguments;
    std::string options_json = "{}";
    std::optional<uint64_t> seed;
};

/// Gives the target's classes names and rewrites the file. Error(data) when a label has no name or names repeat.
void name_classes(const std::string& path, const std::vector<std::string>& names, const EditRecord& record);
/// That name_classes would do: asked for every file before the first one is rewritten. Errors as it gives.
void check_names(const std::string& path, const std::vector<std::string>& names);

struct SplitRequest {
    std::string input, output;
    double validation = 0, test = 0; // below 1: a fraction of the rows; else a count; 0: none
    bool stratify = false;           // the same share of every class
    uint64_t seed = 0;
};
struct SplitSummary {
    std::vector<std::pair<std::string, int64_t>> splits;
};
/// Writes `input` with splits train, val and test, drawn by seed. Error(usage) when nothing would be left to train on.
SplitSummary split_data(const SplitRequest& request, const EditRecord& record);

/// Files with the same columns, one after another; splits are not kept. Returns the rows written.
int64_t concatenate(const std::vector<std::string>& inputs, const std::string& output, const EditRecord& record);

/// `rows` rows drawn by seed, in the order of the file. Returns the rows written.
int64_t sample_data(const std::string& input, const std::string& output, int64_t rows, uint64_t seed,
                    const EditRecord& record);

/// One name a line; blank lines are refused.
std::vector<std::string> read_names(const std::string& path);

} // namespace ds
