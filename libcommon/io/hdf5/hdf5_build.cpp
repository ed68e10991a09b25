// Builds the metadata of a file in memory. Payloads are only declared: HDF5 is given their places when it asks for
// space, and never writes them.
#include "io/hdf5/hdf5_handles.h"

#include <algorithm>
#include <cstring>

#include "io/seal/seal.h"

namespace ds::hdf5 {

namespace {

// What HDF5 writes goes to the front (superblock and what fits behind it is left empty) or the tail.
class Canvas : public Bytes {
public:
    explicit Canvas(uint64_t payload_end) : end_(payload_end) { front_.resize(seal::payload_begin); }
    uint64_t size() const override { return started_ ? end_ + tail_.size() : 0; } // 0: a new file
    bool read(uint64_t offset, std::span<char> out) override {
        const std::string* part = find(offset, out.size());
        if (part) std::memcpy(out.data(), part->data() + (offset - start(*part)), out.size());
        return part != nullptr;
    }
    bool write(uint64_t offset, std::span<const char> in) override {
        if (offset >= end_ && offset + in.size() > end_ + tail_.size()) tail_.resize(offset + in.size() - end_);
        std::string* part = const_cast<std::string*>(find(offset, in.size()));
        if (part) std::memcpy(part->data() + (offset - start(*part)), in.data(), in.size());
        return part != nullptr;
    }
    uint64_t allocate(uint64_t size, bool raw) override {
        if (raw && next_payload_ != UINT64_MAX) return std::exchange(next_payload_, UINT64_MAX);
        if (!started_) { // the superblock is first
            started_ = true;
            return seal::block_size;
        }
        const uint64_t at = end_ + (used_ + 7) / 8 * 8;
        used_ = at + size - end_;
        return at;
    }
    void move_end(uint64_t end) override { used_ = end > end_ ? end - end_ : 0; }
    void place_payload(uint64_t offset) { next_payload_ = offset; }
    void finish(Image& image) {
        tail_.resize(std::max<uint64_t>(used_, 8));
        image.front = front_.substr(seal::block_size);
        image.tail = std::move(tail_);
        image.payload_end = end_;
    }

private:
    uint64_t start(const std::string& part) const { return &part == &front_ ? 0 : end_; }
    const std::string* find(uint64_t offset, uint64_t size) const {
        const std::string& part = offset < end_ ? front_ : tail_;
        const uint64_t from = offset - start(part);
        return from <= part.size() && size <= part.size() - from ? &part : nullptr;
    }
    std::string front_, tail_;
    uint64_t end_, used_ = 0, next_payload_ = UINT64_MAX;
    bool started_ = false;
};

template <class T>
T checked(T result, const std::string& path) {
    if (result < 0) fail(Exit::data, "{} cannot be stored: its name collides with another or is not allowed", path);
    return result;
}

Handle property_list(hid_t kind) {
    Handle list(H5Pcreate(kind), H5Pclose);
    if (list < 0 || H5Pset_obj_track_times(list, false) < 0) bug("HDF5 property list");
    return list;
}

Handle make_text_type(size_t size) {
    Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    const H5T_str_t padding = size == H5T_VARIABLE ? H5T_STR_NULLTERM : H5T_STR_NULLPAD;
    if (type < 0 || H5Tset_size(type, std::max<size_t>(size, 1)) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
        H5Tset_strpad(type, padding) < 0)
        bug("HDF5 text type");
    return type;
}

Handle make_half_type() {
    Handle type(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
    if (H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || H5Tset_size(type, 2) < 0 || H5Tset_ebias(type, 15) < 0)
        bug("HDF5 half type");
    return type;
}

Handle make_type(DType dtype) {
    switch (dtype) {
    case DType::f64: return {H5Tcopy(H5T_IEEE_F64LE), H5Tclose};
    case DType::f32: return {H5Tcopy(H5T_IEEE_F32LE), H5Tclose};
    case DType::f16: return make_half_type();
    case DType::bf16: return {H5Tcopy(H5T_STD_U16LE), H5Tclose};
    case DType::i64: return {H5Tcopy(H5T_STD_I64LE), H5Tclose};
    case DType::i32: return {H5Tcopy(H5T_STD_I32LE), H5Tclose};
    case DType::i8: return {H5Tcopy(H5T_STD_I8LE), H5Tclose};
    case DType::u8:
    case DType::boolean: return {H5Tcopy(H5T_STD_U8LE), H5Tclose};
    }
    bug("an unknown dtype");
}

Handle make_space(const Dims& shape) {
    if (shape.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
    const std::vector<hsize_t> sizes(shape.begin(), shape.end());
    return {H5Screate_simple(int(sizes.size()), sizes.data(), nullptr), H5Sclose};
}

// A text ends at its first NUL when it is read.
void check_text(const std::string& text, const std::string& path) {
    if (text.find('\0') != text.npos) fail(Exit::data, "{} cannot be stored: its text holds a NUL byte", path);
}

// Of variable length: h5py hands those out as str.
void write_attributes(hid_t object, const Attributes& attributes, const std::string& path) {
    const Handle scalar(H5Screate(H5S_SCALAR), H5Sclose), type = make_text_type(H5T_VARIABLE);
    for (const auto& [key, value] : attributes) {
        check_text(value, path);
        const Handle attribute(checked(H5Acreate2(object, key.c_str(), type, scalar, H5P_DEFAULT, H5P_DEFAULT), path),
                               H5Aclose);
        const char* text = value.c_str();
        checked(H5Awrite(attribute, type, &text), path);
    }
}

// The strings of a list side by side, each padded to the longest.
std::string pad_texts(const std::vector<std::string>& texts, size_t width) {
    std::string all;
    for (const std::string& text : texts) {
        all += text;
        all.append(width - text.size(), '\0');
    }
    return all;
}

class Builder {
public:
    explicit Builder(uint64_t payload_end) : canvas_(payload_end) {
        open_library();
        const Handle access = access_list(canvas_, true), create = property_list(H5P_FILE_CREATE);
        if (H5Pset_userblock(create, seal::block_size) < 0) bug("HDF5 user block");
        file_ = Handle(H5Fcreate("ds", H5F_ACC_TRUNC, create, access), H5Fclose);
        if (file_ < 0) bug("HDF5 does not create a file in memory");
        links_ = Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
        groups_ = property_list(H5P_GROUP_CREATE);
        if (H5Pset_char_encoding(links_, H5T_CSET_UTF8) < 0) bug("HDF5 link list");
    }

    void add(const Item& item) {
        make_parents(item.path);
        if (item.kind == Kind::group) write_attributes(open_group(item.path), item.attributes, item.path);
        else add_dataset(item);
    }

    Image finish() {
        if (!file_.close()) bug("HDF5 does not finish in memory");
        canvas_.finish(image_);
        return std::move(image_);
    }

private:
    void make_parents(const std::string& path) {
        for (size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1))
            open_group(path.substr(0, slash));
    }

    Handle open_group(const std::string& path) {
        if (path == "/" || H5Lexists(file_, path.c_str(), H5P_DEFAULT) > 0)
            return {checked(H5Gopen2(file_, path.c_str(), H5P_DEFAULT), path), H5Gclose};
        return {checked(H5Gcreate2(file_, path.c_str(), links_, groups_, H5P_DEFAULT), path), H5Gclose};
    }

    void add_dataset(const Item& item) {
        size_t width = 0;
        for (const std::string& text : item.texts) {
            check_text(text, item.path);
            width = std::max(width, text.size());
        }
        const bool is_text = item.kind == Kind::text || item.kind == Kind::texts;
        const Handle type = is_text ? make_text_type(width) : make_type(item.dtype);
        const Handle space = item.kind == Kind::text    ? make_space({})
                             : item.kind == Kind::texts ? make_space({int64_t(item.texts.size())})
                                                        : make_space(item.shape);
        const Handle create = property_list(H5P_DATASET_CREATE);
        if (H5Pset_layout(create, H5D_CONTIGUOUS) < 0 || H5Pset_alloc_time(create, H5D_ALLOC_TIME_EARLY) < 0 ||
            H5Pset_fill_time(create, H5D_FILL_TIME_NEVER) < 0)
            bug("HDF5 dataset list");
        const bool empty = !is_text && count(item.shape) == 0;
        if (item.kind == Kind::payload && !empty) canvas_.place_payload(item.offset);
        const Handle set(
            checked(H5Dcreate2(file_, item.path.c_str(), type, space, links_, create, H5P_DEFAULT), item.path),
            H5Dclose);
        write_attributes(set, with_dtype(item), item.path);
        if (item.kind == Kind::payload) {
            if (!empty && H5Dget_offset(set) != item.offset) bug("HDF5 puts {} elsewhere", item.path);
            return;
        }
        const std::string padded = is_text ? pad_texts(item.texts, std::max<size_t>(width, 1)) : std::string();
        const void* data = is_text ? static_cast<const void*>(padded.data()) : item.bytes.data();
        if (!is_text && empty) {
            image_.places[item.path] = {canvas_.size(), 0};
            return;
        }
        if (H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0) bug("HDF5 does not write to memory");
        image_.places[item.path] = {H5Dget_offset(set), is_text ? padded.size() : item.bytes.size()};
    }

    static Attributes with_dtype(const Item& item) {
        Attributes all = item.attributes;
        const bool array = item.kind == Kind::payload || item.kind == Kind::bytes;
        if (array && (item.dtype == DType::bf16 || item.dtype == DType::boolean)) all["dtype"] = name(item.dtype);
        return all;
    }

    Canvas canvas_;
    Handle file_, links_, groups_;
    Image image_;
};

} // namespace

Image build(const Structure& structure, uint64_t payload_end) {
    const std::lock_guard lock(library_mutex());
    Builder builder(payload_end);
    for (const Item& item : structure) builder.add(item);
    return builder.finish();
}

} // namespace ds::hdf5
