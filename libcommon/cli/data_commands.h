// The subcommands of ds-data: what each is told, and which library call it is. Those of a kind have files of their own;
// here are those that look at whole files and name classes.
#pragma once

#include <string>
#include <vector>

#include "cli/export_commands.h"
#include "cli/import_commands.h"
#include "cli/row_commands.h"
#include "cli/table_commands.h"
#include "data/edit/edit.h"

namespace ds::cli {

struct DataSettings {
    ImportSettings imports;
    RowSettings rows;
    TableSettings tables;
    ExportSettings exports;
    std::vector<std::string> inputs;
    std::string file, output, names, plot, grid = "8x8", predictions;
    bool json = false;
};

void data_commands(Command& tool, DataSettings& settings);

/// What a command leaves in the history.
EditRecord edit_record(const Command& command);

} // namespace ds::cli
