// Inside io/hdf5*.cpp only: what is refused of any dataset before a byte of it is read, whoever wrote the file.
#pragma once

#include <string>

#include "io/hdf5/hdf5_handles.h"
#include "io/seal/source.h"

namespace ds::hdf5 {

/// A file, and an object in it.
struct Place {
    const std::string &file, &path;
};

/// Error(data).
[[noreturn]] void refuse(const Place& place, const std::string& why);
[[noreturn]] void damaged(const Place& place);

/// Refuses what lies in other files, virtual datasets, and filters other than gzip, shuffle and checksums; of a
/// `sealed` file also those, and what is stored in pieces. Returns the layout.
H5D_layout_t check_storage(hid_t set, const Place& place, bool sealed);
/// Refuses more dimensions than tensors have, and sizes that no file holds.
Dims shape_of(hid_t space, const Place& place);

/// A source as HDF5 sees it.
class SourceBytes : public Bytes {
public:
    explicit SourceBytes(const Source& source) : source_(source) {}
    uint64_t size() const override { return source_.size(); }
    bool read(uint64_t offset, std::span<char> out) override {
        source_.read(offset, std::as_writable_bytes(out));
        return true;
    }

private:
    const Source& source_;
};

/// Seconds of processor for so many bytes to walk or unpack: three, and one for each 4 MiB, a hundred times what it
/// takes.
int seconds_for(uint64_t size);

} // namespace ds::hdf5
