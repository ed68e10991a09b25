// Where the installed data of ds-tools lies (models, labels, recipes): share/ds-tools beside the bin folder of
// the running program, so that an installed tree works from any prefix; or $DS_SHARE.
#pragma once

#include <string>

namespace ds {

std::string share_path(const std::string& relative);

} // namespace ds
