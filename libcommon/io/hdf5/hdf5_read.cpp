// Reads structure in a child process. The walk refuses everything that our files do not need before it reads any
// content: links other than plain ones, objects that are reached twice, storage outside of the file, virtual
// datasets, filters, sizes that do not fit, element types that have no meaning here.
#include "io/hdf5/hdf5_handles.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "io/hdf5/child.h"
#include "io/hdf5/hdf5_checks.h"
#include "io/hdf5/hdf5_wire.h"
#include "io/seal/seal.h"

namespace ds::hdf5 {

namespace {

constexpr size_t max_depth = 40, max_items = 1 << 20, max_texts = 1 << 24;

// ---- what HDF5 may read ----

class ImageBytes : public Bytes {
public:
    explicit ImageBytes(const Image& image) : image_(image) {}
    uint64_t size() const override { return image_.payload_end + image_.tail.size(); }
    bool read(uint64_t offset, std::span<char> out) override {
        const bool in_front = offset < image_.payload_end;
        const std::string& part = in_front ? image_.front : image_.tail;
        const uint64_t start = in_front ? seal::block_size : image_.payload_end;
        if (offset < start) { // the seal: HDF5 looks there for its signature
            if (offset + out.size() > start) return false;
            std::fill(out.begin(), out.end(), '\0');
            return true;
        }
        if (offset - start > part.size() || out.size() > part.size() - (offset - start)) return false;
        std::memcpy(out.data(), part.data() + (offset - start), out.size());
        return true;
    }

private:
    const Image& image_;
};

// ---- the walk, in the child ----

struct Rules {
    std::string file;
    bool sealed = true;
    uint64_t payload_end = 0; // sealed: payloads lie before, everything else behind
    uint64_t limit = 0;       // bytes that all contents together may take
};

struct Link {
    std::string name;
    bool hard;
    H5L_type_t type;
};

herr_t collect_link(hid_t, const char* link_name, const H5L_info_t* info, void* into) {
    try {
        auto& links = *static_cast<std::vector<Link>*>(into);
        links.push_back({link_name, info->type == H5L_TYPE_HARD, info->type});
        return links.size() > max_items ? -1 : 0;
    } catch (...) {
        return -1;
    }
}

class Walk {
public:
    Walk(Bytes& bytes, Rules rules, const ChildSink& sink) : rules_(std::move(rules)), sink_(sink) {
        open_library();
        H5PLset_loading_state(0); // no plugins
        const Handle access = access_list(bytes, false);
        file_ = Handle(H5Fopen("ds", H5F_ACC_RDONLY, access), H5Fclose);
        if (file_ < 0) fail(Exit::data, "{}: not an HDF5 file, or a damaged one", rules_.file);
    }

    void run() {
        const Handle root(H5Gopen2(file_, "/", H5P_DEFAULT), H5Gclose);
        if (root < 0) damaged("/");
        group(root, "/", 0);
    }

private:
    template <class... Args>
    [[noreturn]] void refuse(const std::string& path, fmt::format_string<Args...> format, Args&&... args) {
        hdf5::refuse({rules_.file, path}, fmt::format(format, std::forward<Args>(args)...));
    }
    [[noreturn]] void damaged(const std::string& path) { hdf5::damaged({rules_.file, path}); }

    // Each object is met once: a second way to it could be a loop.
    void meet(hid_t object, const std::string& path, H5O_type_t type) {
        H5O_info_t info;
        if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0 || info.type != type) damaged(path);
        if (!met_.insert(info.addr).second) refuse(path, "a second link to an object");
        if (met_.size() > max_items) refuse(path, "more than {} objects", max_items);
    }

    void group(hid_t id, const std::string& path, size_t depth) {
        if (depth > max_depth) refuse(path, "groups nest deeper than {}", max_depth);
        meet(id, path, H5O_TYPE_GROUP);
        Item item;
        item.path = path;
        item.attributes = attributes(id, path);
        send_item(item, sink_);
        std::vector<Link> links;
        hsize_t index = 0;
        if (H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, &index, collect_link, &links) < 0) damaged(path);
        for (const Link& link : links) child(id, link, path == "/" ? "/" + link.name : path + "/" + link.name, depth);
    }

    void child(hid_t parent, const Link& link, const std::string& path, size_t depth) {
        if (path == "/seal") return; // verified already, or left in a copy that another program made: of no use
        if (link.type == H5L_TYPE_EXTERNAL) refuse(path, "a link to another file");
        if (!link.hard) refuse(path, "a soft link");
        if (link.name.find('/') != link.name.npos) damaged(path);
        const Handle object(H5Oopen(parent, link.name.c_str(), H5P_DEFAULT), H5Oclose);
        if (object < 0) damaged(path);
        switch (H5Iget_type(object)) {
        case H5I_GROUP: return group(object, path, depth + 1);
        case H5I_DATASET: return dataset(object, path);
        default: refuse(path, "neither a group nor a dataset");
        }
    }

    Dims shape_of(hid_t space, const std::string& path) { return hdf5::shape_of(space, {rules_.file, path}); }

    // Bytes of n elements of `width` bytes, counted against the limit.
    uint64_t budget(const Dims& shape, uint64_t width, const std::string& path) {
        uint64_t total = width;
        bool too_much = false;
        for (const int64_t size : shape) too_much = __builtin_mul_overflow(total, uint64_t(size), &total) || too_much;
        if (too_much || total > rules_.limit - used_) refuse(path, "its size does not fit the file");
        return total;
    }

    void dataset(hid_t set, const std::string& path) {
        meet(set, path, H5O_TYPE_DATASET);
        check_storage(set, {rules_.file, path}, rules_.sealed);
        const Handle type(H5Dget_type(set), H5Tclose), space(H5Dget_space(set), H5Sclose);
        if (type < 0 || space < 0) damaged(path);
        Item item;
        item.path = path;
        item.shape = shape_of(space, path);
        item.attributes = attributes(set, path);
        if (H5Tget_class(type) == H5T_STRING) texts(set, type, item);
        else array(set, type, item);
        send_item(item, sink_);
    }

    void texts(hid_t set, hid_t type, Item& item) {
        if (item.shape.size() > 1) refuse(item.path, "a table of strings");
        item.kind = item.shape.empty() ? Kind::text : Kind::texts;
        const uint64_t n = item.shape.empty() ? 1 : uint64_t(item.shape[0]);
        if (n > max_texts) refuse(item.path, "more than {} strings", max_texts);
        const bool variable = H5Tis_variable_str(type) > 0;
        used_ += budget(item.shape, variable ? 16 : H5Tget_size(type), item.path);
        if (rules_.sealed && !variable && n > 0) inside(H5Dget_offset(set), n * H5Tget_size(type), item.path);
        item.texts = strings(type, n, item.path, [&](hid_t memory, void* out) {
            return H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
        });
        item.shape.clear();
    }

    // Texts lie behind the payloads.
    void inside(haddr_t offset, uint64_t size, const std::string& path) {
        if (offset == HADDR_UNDEF || offset < rules_.payload_end || size > UINT64_MAX - offset) damaged(path);
    }

    template <class Read>
    std::vector<std::string> strings(hid_t type, uint64_t n, const std::string& path, const Read& read) {
        std::vector<std::string> result;
        if (n == 0) return result;
        if (H5Tis_variable_str(type) > 0) return variable_strings(type, n, path, read);
        const size_t width = H5Tget_size(type);
        std::string all(n * width, '\0');
        const Handle memory(H5Tcopy(type), H5Tclose);
        if (memory < 0 || read(memory, all.data()) < 0) damaged(path);
        const bool blanks = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
        for (uint64_t i = 0; i < n; ++i) {
            const std::string_view one = std::string_view(all).substr(i * width, width);
            const size_t end = blanks ? one.find_last_not_of(' ') + 1 : std::min(one.find('\0'), one.size());
            result.emplace_back(one.substr(0, end));
        }
        return result;
    }

    template <class Read>
    std::vector<std::string> variable_strings(hid_t type, uint64_t n, const std::string& path, const Read& read) {
        std::vector<char*> pointers(n, nullptr);
        const Handle memory(H5Tcopy(type), H5Tclose);
        if (memory < 0 || read(memory, pointers.data()) < 0) damaged(path);
        std::vector<std::string> result;
        for (char* pointer : pointers) {
            result.emplace_back(pointer ? pointer : "");
            H5free_memory(pointer);
            used_ += budget({}, result.back().size(), path);
        }
        return result;
    }

    void array(hid_t set, hid_t type, Item& item) {
        item.dtype = element(type, item);
        const uint64_t size = budget(item.shape, uint64_t(bits(item.dtype)) / 8, item.path);
        used_ += size;
        if (rules_.sealed) {
            item.kind = Kind::payload;
            const haddr_t offset = H5Dget_offset(set);
            if (size == 0) return;
            if (offset == HADDR_UNDEF || offset < seal::payload_begin || offset > rules_.payload_end ||
                size > rules_.payload_end - offset)
                damaged(item.path);
            item.offset = offset;
            return;
        }
        item.kind = Kind::bytes;
        if (size > 0 && H5Dget_storage_size(set) == 0) refuse(item.path, "it has a shape and no contents");
        item.bytes.resize(size);
        if (size > 0 && H5Dread(set, native(type, item), H5S_ALL, H5S_ALL, H5P_DEFAULT, item.bytes.data()) < 0)
            damaged(item.path);
    }

    DType element(hid_t type, Item& item) {
        const H5T_class_t kind = H5Tget_class(type);
        const size_t size = H5Tget_size(type);
        std::string stored;
        if (const auto named = item.attributes.find("dtype"); named != item.attributes.end()) {
            stored = named->second;
            item.attributes.erase(named);
        }
        if (rules_.sealed && size > 1 && H5Tget_order(type) != H5T_ORDER_LE) refuse(item.path, "not little-endian");
        if (kind == H5T_FLOAT && size == 8) return DType::f64;
        if (kind == H5T_FLOAT && size == 4) return DType::f32;
        if (kind == H5T_FLOAT && size == 2) return DType::f16;
        const bool has_sign = kind == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2;
        if (has_sign && size == 8) return DType::i64;
        if (has_sign && size == 4) return DType::i32;
        if (has_sign && size == 1) return DType::i8;
        if (kind == H5T_INTEGER && !has_sign && size == 1)
            return stored == ds::name(DType::boolean) ? DType::boolean : DType::u8;
        if (kind == H5T_INTEGER && !has_sign && size == 2 && stored == "bf16") return DType::bf16;
        refuse(item.path, "its element type is none of f64 f32 f16 bf16 i64 i32 i8 u8 bool");
    }

    // Only for unsealed files, which may be big-endian: memory is native.
    hid_t native(hid_t type, const Item& item) {
        switch (item.dtype) {
        case DType::f64: return H5T_NATIVE_DOUBLE;
        case DType::f32: return H5T_NATIVE_FLOAT;
        case DType::i64: return H5T_NATIVE_INT64;
        case DType::i32: return H5T_NATIVE_INT32;
        case DType::bf16: return H5T_NATIVE_UINT16;
        case DType::i8: return H5T_NATIVE_INT8;
        case DType::u8:
        case DType::boolean: return H5T_NATIVE_UINT8;
        case DType::f16: break;
        }
        if (H5Tget_order(type) != H5T_ORDER_LE) refuse(item.path, "a big-endian half");
        return type;
    }

    Attributes attributes(hid_t object, const std::string& path) {
        H5O_info_t info;
        if (H5Oget_info2(object, &info, H5O_INFO_NUM_ATTRS) < 0) damaged(path);
        if (info.num_attrs > 1000) refuse(path, "more than 1,000 attributes");
        Attributes result;
        for (hsize_t i = 0; i < info.num_attrs; ++i) attribute(object, i, path, result);
        return result;
    }

    void attribute(hid_t object, hsize_t index, const std::string& path, Attributes& into) {
        const Handle id(H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, index, H5P_DEFAULT, H5P_DEFAULT),
                        H5Aclose);
        if (id < 0) damaged(path);
        char key[257] = {};
        if (H5Aget_name(id, 256, key) < 0) damaged(path);
        const Handle type(H5Aget_type(id), H5Tclose), space(H5Aget_space(id), H5Sclose);
        if (type < 0 || space < 0) damaged(path);
        if (H5Tget_class(type) != H5T_STRING || !shape_of(space, path).empty())
            refuse(path, "its attribute {} is not one text", key);
        if (H5Tis_variable_str(type) <= 0) used_ += budget({}, H5Tget_size(type), path);
        into[key] = strings(type, 1, path, [&](hid_t memory, void* out) { return H5Aread(id, memory, out); }).front();
    }

    Rules rules_;
    const ChildSink& sink_;
    Handle file_;
    std::set<haddr_t> met_;
    uint64_t used_ = 0;
};

std::string walk_in_child(Bytes& bytes, const Rules& rules, const ChildLimits& limits) {
    const std::lock_guard lock(library_mutex());
    open_library();
    return run_in_child([&](const ChildSink& sink) { Walk(bytes, rules, sink).run(); }, limits, rules.file);
}

} // namespace

Structure read_image(const Image& image, const std::string& file) {
    ImageBytes bytes(image);
    const uint64_t size = image.front.size() + image.tail.size();
    const Rules rules{file, true, image.payload_end, 2 * size + image.payload_end};
    const ChildLimits limits{(uint64_t{256} << 20) + 8 * size, seconds_for(size), (uint64_t{16} << 20) + 8 * size};
    return receive_items(walk_in_child(bytes, rules, limits), file);
}

Structure read_unsealed(const Source& source) {
    SourceBytes bytes(source);
    const uint64_t unfolded = (uint64_t{64} << 20) + 16 * source.size(); // gzip rarely does better on numbers
    const Rules rules{source.name(), false, 0, unfolded};
    const ChildLimits limits{(uint64_t{256} << 20) + 2 * unfolded, seconds_for(source.size()), 2 * unfolded};
    return receive_items(walk_in_child(bytes, rules, limits), source.name());
}

} // namespace ds::hdf5
