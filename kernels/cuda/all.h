// The kernels of CUDA devices. Built without CUDA, this folder is its not-built twin (not_built.cpp).
#pragma once

#include "kernels/kernel.h"

namespace ds::kernels {

/// Error(unavailable) when CUDA is not built in or no device is there.
const Registry& cuda_registry();

} // namespace ds::kernels
