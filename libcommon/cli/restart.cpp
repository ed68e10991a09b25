#include "cli/restart.h"

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace ds::cli {

void restart_to_spin_briefly(char** argv) {
    if (std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY")) return;
    std::error_code error;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe", error); // its own name stays in ps
    if (!error && setenv("GOMP_SPINCOUNT", "10000", 1) == 0) execv(program.c_str(), argv);
}

} // namespace ds::cli
