// Several tasks at once: a model with a head for each of several targets. A joint task is a row made of others: its
// text, as model files store it, is "NAME:TASK:WEIGHT,...", its metrics are NAME.METRIC and `loss`, the weighted sum of
// theirs; the first part decides.
#pragma once

#include "task/task.h"

namespace ds {

/// Whether this is a joint task's text.
bool is_joint(std::string_view text);
/// The row of the text; it lives as long as the program. Error(data) for a text that is no joint task of known ones, or
/// of one that cannot stand beside others.
const Task& find_joint(std::string_view text, const std::string& source);

} // namespace ds
