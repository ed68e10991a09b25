#include "unit/files.h"

namespace ds::testing {

std::string data_folder() { return DS_TEST_DATA; }

} // namespace ds::testing
