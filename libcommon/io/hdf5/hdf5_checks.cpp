#include "io/hdf5/hdf5_checks.h"

#include <algorithm>
#include <vector>

namespace ds::hdf5 {

void refuse(const Place& place, const std::string& why) {
    fail(Exit::data, "{}: {}: refused: {}", place.file, place.path, why);
}

void damaged(const Place& place) { refuse(place, "its HDF5 structure is damaged"); }

namespace {

void check_filter(H5Z_filter_t filter, const Place& place, bool sealed) {
    const bool known = filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_FLETCHER32;
    if (sealed || !known) refuse(place, fmt::format("stored through filter {}", int(filter)));
}

} // namespace

H5D_layout_t check_storage(hid_t set, const Place& place, bool sealed) {
    const Handle list(H5Dget_create_plist(set), H5Pclose);
    if (list < 0) damaged(place);
    if (H5Pget_external_count(list) != 0) refuse(place, "its contents lie in another file (external storage)");
    const H5D_layout_t layout = H5Pget_layout(list);
    if (layout == H5D_VIRTUAL) refuse(place, "a virtual dataset, put together from other files");
    if (layout < 0) damaged(place);
    if (sealed && layout != H5D_CONTIGUOUS) refuse(place, "not stored in one piece");
    const int filters = H5Pget_nfilters(list);
    for (int i = 0; i < filters; ++i)
        check_filter(H5Pget_filter2(list, unsigned(i), nullptr, nullptr, nullptr, 0, nullptr, nullptr), place, sealed);
    return layout;
}

Dims shape_of(hid_t space, const Place& place) {
    const H5S_class_t kind = H5Sget_simple_extent_type(space);
    if (kind == H5S_SCALAR) return {};
    if (kind != H5S_SIMPLE) refuse(place, "a dataset without a shape");
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0) damaged(place);
    if (rank > max_rank) refuse(place, fmt::format("{} dimensions, more than {}", rank, max_rank));
    std::vector<hsize_t> sizes(static_cast<size_t>(rank));
    if (H5Sget_simple_extent_dims(space, sizes.data(), nullptr) < 0) damaged(place);
    Dims shape;
    for (const hsize_t size : sizes) {
        if (size > (hsize_t{1} << 48)) refuse(place, fmt::format("a size of {}, which does not fit the file", size));
        shape.push_back(int64_t(size));
    }
    return shape;
}

int seconds_for(uint64_t size) { return int(3 + std::min<uint64_t>(size >> 22, 3600)); }

} // namespace ds::hdf5
