#include "base/error.h"
#include "kernels/cuda/all.h"

namespace ds::kernels {

const Registry& cuda_registry() { fail(Exit::unavailable, "this build has no CUDA"); }

} // namespace ds::kernels
