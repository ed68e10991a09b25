// Arrays in HDF5 files that other programs wrote, read by name and some rows at a time. HDF5 runs in a limited child
// process; only plain datasets are read (contiguous, compact or chunked, gzip, shuffle and checksums), never what lies
// in another file or behind a link.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "io/seal/source.h"
#include "tensor/type.h"

namespace ds::hdf5 {

struct ForeignArray {
    bool texts = false;       // strings
    DType dtype = DType::f32; // what its numbers become: halves f32, integers of 16 bits i32, unsigned 32 i64, bool u8
    Dims shape;               // rows first
};

/// Error(data) naming file and path: no such dataset (listing those of the file), no rows, an element type that has no
/// place here (compounds, references, unsigned 64-bit integers and the like), storage that is refused.
ForeignArray describe_array(const Source& source, const std::string& path);

/// Calls `each` with some rows at a time, in their order, row-major, and how many they are.
void read_array(const Source& source, const std::string& path, const ForeignArray& array,
                const std::function<void(std::span<const std::byte>, int64_t)>& each);
/// The same for strings, one a row.
void read_texts(const Source& source, const std::string& path, const ForeignArray& array,
                const std::function<void(std::span<const std::string>)>& each);

} // namespace ds::hdf5
