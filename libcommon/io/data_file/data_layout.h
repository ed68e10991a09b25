// The paths of a data file, for its reader and its writer.
#pragma once

#include <string>

namespace ds::data_layout {

inline std::string column(const std::string& name) { return "/columns/" + name; }
inline std::string values(const std::string& name) { return column(name) + "/values"; }
inline std::string offsets(const std::string& name) { return column(name) + "/offsets"; }
inline std::string labels(const std::string& name) { return "/labels/" + name; }
inline std::string split(const std::string& name) { return "/splits/" + name; }

constexpr int format_major = 1, format_minor = 1;

} // namespace ds::data_layout
