// The HDF5 structure of our files as plain values: groups, texts and arrays with readable attributes.
// HDF5 itself never touches a file here: it builds the structure in memory (build), and it reads structure from
// memory or through bounded reads, always in a limited child process (read_*), because HDF5 1.10 crashes and hangs on
// some damaged files. The bytes of large arrays (payloads) are written and read by io/sealed_file, not by HDF5.
// No HDF5 header leaks from here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "io/seal/source.h"
#include "tensor/type.h"

namespace ds::hdf5 {

using Attributes = std::map<std::string, std::string>;

enum class Kind : uint8_t {
    group,
    text,    // one string
    texts,   // a list of strings
    payload, // an array whose bytes lie at `offset`
    bytes    // an array that is held in `bytes`
};

struct Item {
    Kind kind = Kind::group;
    std::string path; // "/" is the root group; "/parameters/conv1/weight"
    Attributes attributes;
    std::vector<std::string> texts; // text: exactly one
    DType dtype = DType::u8;
    Dims shape;
    uint64_t offset = 0; // from the start of the file
    std::vector<std::byte> bytes;
};

/// Parents may be left out; they are made. Attributes of the root belong to the item "/".
using Structure = std::vector<Item>;

/// The metadata of a file: everything but seal and payloads.
struct Image {
    std::string front; // bytes [512, seal::payload_begin)
    std::string tail;  // bytes from payload_end on
    uint64_t payload_end = 0;
    struct Place {
        uint64_t offset, length;
    };
    std::map<std::string, Place> places; // of texts and bytes
};

/// Builds the metadata of a file with these items, the payloads of which end at `payload_end`. Equal arguments give
/// equal bytes. Error(data) when two paths collide or a name cannot be stored.
Image build(const Structure& structure, uint64_t payload_end);

/// Reads the structure back from verified metadata: every payload inside [payload_begin, payload_end), no links,
/// filters or storage of other kinds. Leaves /seal out. Error(data) naming what is not allowed in `file`.
Structure read_image(const Image& image, const std::string& file);

/// Reads a file without a seal, whole: arrays come as Kind::bytes. gzip, shuffle and checksums are accepted. Leaves
/// /seal out as well.
Structure read_unsealed(const Source& source);

} // namespace ds::hdf5
