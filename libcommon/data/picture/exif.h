// The orientation that cameras write beside a picture.
#pragma once

#include <cstddef>
#include <span>

namespace ds {

/// Of an Exif block (a TIFF directory, perhaps behind "Exif\0\0"): its tag 0x0112 of the first directory, 1 to 8; 1
/// (as it is) where there is none or the block is damaged, for a picture is not worse for it.
int exif_orientation(std::span<const std::byte> block);

} // namespace ds
