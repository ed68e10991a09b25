// Imports, shows, splits and checks data files.
#include "base/version.h"
#include "cli/data_commands.h"

int main(int argc, char** argv) {
    ds::cli::Tool tool("ds-data", "import, look at and divide data files");
    ds::cli::DataSettings settings;
    ds::cli::data_commands(tool, settings);
    return ds::cli::run(tool, argc, argv);
}
