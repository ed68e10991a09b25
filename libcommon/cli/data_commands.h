// The subcommands of ds-data: what each is told, and which library call it is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/groups.h"
#include "cli/table_commands.h"
#include "data/edit/edit.h"
#include "data/import/import.h"

namespace ds::cli {

struct DataSettings {
    TableSettings tables;
    std::vector<std::string> inputs, categorical, drop, target, text, datasets, target_datasets;
    std::string file, output, names, validation, test, size, grid = "8x8", column, predictions;
    std::string background = "black";
    std::string plot, id, missing, delimiter, group, time, fold, by, weight, label_separator;
    std::string masks, mask_colours, classes, table, file_column;
    std::optional<int64_t> seed;
    int64_t rows = 0, features = 0, words = usual_words;
    ResizeRule rule = ResizeRule::none;
    int64_t channels = 0;
    bool json = false, stratify = false, force = false, skip_bad = false, keep_encoded = false, labels = false,
         lines = false;
};

void data_commands(Command& tool, DataSettings& settings);

/// What a command leaves in the history.
EditRecord edit_record(const Command& command);
/// The words of a list with commas, put behind those that are there; empty ones are none.
void add_words(const std::string& list, std::vector<std::string>& to);

} // namespace ds::cli
