// Which instructions the CPU kernels use: the best that the machine has, or fewer by DS_ISA
// (avx2, avx512, avx512_vnni, avx512_bf16, amx), for tests of the paths that another machine takes.
#pragma once

#include <string>

namespace ds::kernels::cpu {

/// Hands DS_ISA to Highway and oneDNN. Must come before the first kernel is made; later calls do nothing.
/// Error(usage) for a name that is not in the list above.
void apply_isa_cap();

/// Whether vectors of 512 bits are in use.
bool has_wide_vectors();

/// What is in use, in words for --version: "AVX3_DL (Highway), avx512_core_bf16 (oneDNN 2.6.3)".
std::string isa_in_use();

} // namespace ds::kernels::cpu
