// How the items of a structure travel from the child process that reads HDF5 to its parent.
#pragma once

#include <string>

#include "io/hdf5/child.h"
#include "io/hdf5/hdf5.h"

namespace ds::hdf5 {

/// In the child: sends one item.
void send_item(const Item& item, const ChildSink& sink);

/// In the parent: what the child sent. The child may have been taken over by the file that it read, so every number
/// is checked: Error(data) "`file`: ...".
Structure receive_items(const std::string& bytes, const std::string& file);

} // namespace ds::hdf5
