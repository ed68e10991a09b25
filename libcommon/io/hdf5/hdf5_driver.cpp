// A virtual file driver of HDF5 over a Bytes object.
#include "io/hdf5/hdf5_handles.h"

#include <algorithm>
#include <new>

namespace ds::hdf5 {

namespace {

// HDF5 expects its own part first; it fills and owns it.
struct File {
    H5FD_t common;
    Bytes* bytes;
    haddr_t eoa;
};

File& file(H5FD_t* f) { return *reinterpret_cast<File*>(f); }
const File& file(const H5FD_t* f) { return *reinterpret_cast<const File*>(f); }

H5FD_t* open_file(const char*, unsigned, hid_t access, haddr_t) {
    const auto* bytes = static_cast<Bytes* const*>(H5Pget_driver_info(access));
    auto* f = bytes ? new (std::nothrow) File{} : nullptr;
    if (!f) return nullptr;
    f->bytes = *bytes;
    return &f->common;
}

herr_t close_file(H5FD_t* f) {
    delete &file(f);
    return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
    *flags = 0; // no aggregation: each request for space comes to allocate()
    return 0;
}

haddr_t allocate(H5FD_t* f, H5FD_mem_t type, hid_t, hsize_t size) {
    const uint64_t at = file(f).bytes->allocate(size, type == H5FD_MEM_DRAW);
    if (at == UINT64_MAX) return HADDR_UNDEF;
    file(f).eoa = std::max<haddr_t>(file(f).eoa, at + size);
    return at;
}

haddr_t get_eoa(const H5FD_t* f, H5FD_mem_t) { return file(f).eoa; }

herr_t set_eoa(H5FD_t* f, H5FD_mem_t, haddr_t at) {
    file(f).eoa = at;
    file(f).bytes->move_end(at);
    return 0;
}

haddr_t get_eof(const H5FD_t* f, H5FD_mem_t) { return file(f).bytes->size(); }

herr_t read(H5FD_t* f, H5FD_mem_t, hid_t, haddr_t at, size_t size, void* out) {
    try {
        return file(f).bytes->read(at, {static_cast<char*>(out), size}) ? 0 : -1;
    } catch (...) { // nothing may be thrown through C
        return -1;
    }
}

herr_t write(H5FD_t* f, H5FD_mem_t, hid_t, haddr_t at, size_t size, const void* in) {
    try {
        return file(f).bytes->write(at, {static_cast<const char*>(in), size}) ? 0 : -1;
    } catch (...) {
        return -1;
    }
}

hid_t driver() {
    static const hid_t id = [] {
        static H5FD_class_t c{};
        c.name = "ds_bytes";
        c.maxaddr = haddr_t{1} << 62;
        c.fc_degree = H5F_CLOSE_STRONG;
        c.fapl_size = sizeof(Bytes*);
        c.open = open_file;
        c.close = close_file;
        c.query = query;
        c.alloc = allocate;
        c.get_eoa = get_eoa;
        c.set_eoa = set_eoa;
        c.get_eof = get_eof;
        c.read = read;
        c.write = write;
        for (H5FD_mem_t& kind : c.fl_map) kind = H5FD_MEM_DEFAULT; // each kind of space for itself
        return H5FDregister(&c);
    }();
    return id;
}

} // namespace

std::mutex& library_mutex() {
    static std::mutex mutex;
    return mutex;
}

void open_library() {
    if (H5open() < 0 || H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) < 0) bug("HDF5 does not start");
}

Handle access_list(Bytes& bytes, bool writing) {
    Handle list(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    Bytes* pointer = &bytes;
    if (list < 0 || driver() < 0 || H5Pset_driver(list, driver(), &pointer) < 0 ||
        H5Pset_libver_bounds(list, H5F_LIBVER_V18, writing ? H5F_LIBVER_V18 : H5F_LIBVER_LATEST) < 0)
        bug("HDF5 refuses the driver");
    return list;
}

} // namespace ds::hdf5
