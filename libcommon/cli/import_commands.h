// The subcommands of ds-data import, one for each foreign format; a file for each kind of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/groups.h"
#include "data/import/import.h"

namespace ds::cli {

struct ImportSettings {
    std::vector<std::string> inputs, categorical, drop, target, text, datasets, target_datasets;
    std::string output, id, group, weight, missing, delimiter, decimal, label_separator, column, validation;
    std::string size, background = "black", masks, mask_colours, classes, table, file_column;
    ResizeRule rule = ResizeRule::none;
    int64_t channels = 0, features = 0, words = usual_words;
    bool skip_bad = false, keep_encoded = false, labels = false, lines = false;
};

void import_commands(Command& tool, ImportSettings& settings);

void picture_imports(Command& parent, ImportSettings& settings); // images
void table_imports(Command& parent, ImportSettings& settings);   // csv, svmlight
void text_imports(Command& parent, ImportSettings& settings);    // text, conll
void array_imports(Command& parent, ImportSettings& settings);   // npy, h5

/// A subcommand of import that makes this call; what it returns takes options of its own.
Command& import_command(Command& parent, ImportSettings& settings, const std::string& name, const std::string& about,
                        const std::string& inputs, std::function<ImportSummary(const ImportRequest&)> import);
/// Options that several of them have.
void skip_bad_option(Command& command, ImportSettings& settings); // --skip-bad
void words_option(Command& command, ImportSettings& settings);    // --words N

} // namespace ds::cli
