// Expressions in model files: "${width * 2}" or "stage${i}.conv". From the loosest to the closest:
//     or   and   not   == != < <= > >=   + -   * / // %   -x   x ** y   ( ) 'text' 12 0.5 1e-3 true name function(x, y)
// "/" gives a number, "//" the floor of it, whole for integers. A text that is one ${...} keeps its value's kind.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/value.h"

namespace ds {

using Variables = std::map<std::string, ModelValue>;

/// Replaces every ${...} of `source`. Error(config) naming the unknown name (with the nearest and the known ones) or
/// the bad syntax.
ModelValue evaluate(std::string_view source, const Variables& variables);

} // namespace ds
