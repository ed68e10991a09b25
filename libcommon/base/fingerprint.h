// A fast 64-bit fingerprint of bytes, to notice that they changed since this process saw them. Its key is drawn once a
// process, so nobody outside can prepare two contents of one fingerprint. It is no digest: nothing stores it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ds {

/// Never 0. Any change of the bytes gives another number, but for one chance in about 2^60. Some GB/s on one core.
uint64_t fingerprint(std::span<const std::byte> bytes);

} // namespace ds
