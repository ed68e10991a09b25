// Where two model files differ.
#pragma once

#include <string>
#include <vector>

#include "io/checkpoint/checkpoint.h"

namespace ds {

/// "- only in a", "+ only in b", "! changed". Empty: they are the same model.
std::vector<std::string> differences(const Checkpoint& a, const Checkpoint& b);

} // namespace ds
