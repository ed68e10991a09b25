// What vector instructions the kernels use here, as one line for --version. Kernels say it by
// set_isa_line when they are loaded; DS_ISA caps the choice.
#pragma once

#include <string>

namespace ds {

using IsaLine = std::string (*)();
void set_isa_line(IsaLine line);
std::string isa_line(); // "" when no kernels are there

} // namespace ds
