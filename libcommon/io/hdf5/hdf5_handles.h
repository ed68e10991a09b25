// Inside io/hdf5*.cpp only: HDF5 handles that close themselves, calls that are checked, and the driver
// through which HDF5 sees bytes that are not a file.
#pragma once

#include <hdf5.h>

#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "base/error.h"
#include "io/hdf5/hdf5.h"

namespace ds::hdf5 {

/// One thread at a time in HDF5; also held over fork(), so that the child finds HDF5 at rest.
std::mutex& library_mutex();
/// Opens the library once and silences its error stack. Call with the mutex held.
void open_library();

class Handle {
public:
    Handle() = default;
    Handle(hid_t id, herr_t (*closer)(hid_t)) : id_(id), close_(closer) {}
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Handle() { close(); }
    /// Closes now; false when HDF5 says that it failed.
    bool close() { return id_ < 0 || close_(std::exchange(id_, -1)) >= 0; }
    operator hid_t() const { return id_; }

private:
    hid_t id_ = -1;
    herr_t (*close_)(hid_t) = nullptr;
};

/// Memory that stands for a file. Reads and writes outside of it fail.
class Bytes {
public:
    virtual ~Bytes() = default;
    virtual uint64_t size() const = 0;
    virtual bool read(uint64_t offset, std::span<char> out) = 0;
    virtual bool write(uint64_t, std::span<const char>) { return false; }
    /// Where new space goes: HDF5 asks for `size` bytes, raw data or metadata.
    virtual uint64_t allocate(uint64_t /*size*/, bool /*raw*/) { return UINT64_MAX; }
    /// HDF5 moves the end of its address space itself when it lengthens the last block.
    virtual void move_end(uint64_t /*end*/) {}
};

/// A file access property list that opens `bytes` (which must outlive the file). What is written, HDF5 1.8 and
/// newer read. Call with the mutex held.
Handle access_list(Bytes& bytes, bool writing);

} // namespace ds::hdf5
