// Which files the inputs of a prediction are: lists of names, and folders.
#pragma once

#include <string>
#include <vector>

namespace ds {

/// The names in a list, a file or "-" for stdin: a line each, or each ended by NUL, as find -print0 writes them. Empty
/// lines are passed over, a line may end in CR LF. Error(data) for one that names stdin, errors of read_file.
std::vector<std::string> listed_files(const std::string& list);

/// All files below a folder, in the order of their paths. Hidden files and folders are left out. So are links to
/// folders, which may lead in a circle, and what is no file (a FIFO would wait for its writer, a socket cannot be
/// opened): each of those is told (log). Error(no_input), Error(permission) naming a folder that cannot be read.
std::vector<std::string> files_below(const std::string& folder);

} // namespace ds
