// A file that another program wrote, taken in: whether it is what a tool of ours wrote before, and a record when not.
#pragma once

#include <string>

#include "io/checkpoint/checkpoint.h"

namespace ds {

/// True when the content is not the one whose digest its writer left in the file, or nobody left one. Then the history
/// ends with a record of the tool `unknown`, whose options are the digests `before` ("" when there was none) and
/// `after` (of the content without the record); what the file said of its metrics and its signatures are gone: they
/// belong to other content. `name`: what to call the file in the record; `version`: of who noticed.
bool record_unknown_change(Checkpoint& checkpoint, const std::string& name, const std::string& version);

} // namespace ds
