#include "base/share.h"

#include <cstdlib>
#include <filesystem>

namespace ds {

std::string share_path(const std::string& relative) {
    if (const char* set = std::getenv("DS_SHARE"); set && *set) return std::string(set) + "/" + relative;
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return (program.parent_path().parent_path() / "share/ds-tools" / relative).string();
}

} // namespace ds
