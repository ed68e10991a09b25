// Files that tests read: those of tests/data, and the shipped models.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace ds::testing {

/// The folder tests/data of the source tree; in a source of its own (files.cpp), so that one object knows the path.
std::string data_folder();

inline std::string data_path(const std::string& name) { return data_folder() + "/" + name; }
inline std::string shipped_model(const std::string& name) { return data_path("../../share/models/" + name + ".yaml"); }

/// The whole file; a failure of the test when it is not there.
inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in.good()) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace ds::testing
