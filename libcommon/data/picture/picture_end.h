// Where an encoded picture ends, for streams in which another one may follow.
#pragma once

#include <string_view>

namespace ds {

/// Bytes of the PNG, JPEG or binary PNM picture that `bytes` begin with; npos where its end is not found, and for other
/// formats. Of a JPEG file that states to hold several pictures (MPF, from phones), all are one.
size_t picture_end(std::string_view bytes);

} // namespace ds
