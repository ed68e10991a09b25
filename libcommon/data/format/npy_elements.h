// The elements of NumPy's arrays: which there are, and how they become numbers and texts of ours.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/type.h"

namespace ds {

/// How one lies in a file: '<f4' is a float of 4 bytes, the lowest first.
struct NpyElement {
    char kind = 'f'; // f float, i and u integers with and without sign, b truth value, S bytes and U letters of a text
    size_t size = 4; // bytes
    bool big_endian = false;

    bool is_text() const { return kind == 'S' || kind == 'U'; }
    /// What a number becomes: halves f32, integers of 16 bits i32, unsigned ones of 32 and 64 bits i64.
    DType dtype() const;
};

/// From the header's descriptor with its quotes. Error(data) naming one that is not read.
NpyElement parse_npy_element(std::string_view descriptor, const std::string& source);
/// The descriptor that a type of ours is written with, "" where NumPy has none.
std::string_view npy_descriptor(DType dtype);

/// The numbers of some bytes of a file, as dtype() says. Error(data) for one beyond 63 bits.
std::vector<std::byte> npy_numbers(const NpyElement& element, std::vector<std::byte> raw, const std::string& source);
/// The texts, in UTF-8, without the zeros that fill them up. Error(data) for what is no letter.
std::vector<std::string> npy_texts(const NpyElement& element, std::span<const std::byte> raw,
                                   const std::string& source);

} // namespace ds
