// The kernels of the CPU: oneDNN's and our own vector code.
#pragma once

#include "kernels/kernel.h"

namespace ds::kernels {

/// Enters every row of this folder, each op's list best first. Applies DS_ISA before any kernel can be made.
void add_cpu(Registry& registry);

} // namespace ds::kernels
