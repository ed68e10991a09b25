// What this build is. The values are written by CMake; `--version` shows them.
#pragma once

#include <span>
#include <string_view>

namespace ds {

std::string_view version();  // "0.2.0"
std::string_view compiler(); // "GNU 12.2.0"
/// What was compiled in and what was left out: "oneDNN 2.6.0", "no CUDA".
std::span<const std::string_view> features();

} // namespace ds
