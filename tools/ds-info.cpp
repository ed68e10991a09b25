// Says what a model file is, where it came from, whether it is whole, and how it differs from another.
#include "cli/info_modes.h"

using namespace ds;

int main(int argc, char** argv) {
    cli::Tool tool("ds-info", "say what a model file is and where it came from");
    cli::InfoSettings settings;
    cli::info_options(tool, settings);
    return cli::run(tool, argc, argv, [&] { return cli::show_info(settings); });
}
