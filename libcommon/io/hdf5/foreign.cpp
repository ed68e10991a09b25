#include "io/hdf5/foreign.h"

#include <algorithm>
#include <cstring>

#include "io/hdf5/child.h"
#include "io/hdf5/hdf5_checks.h"

namespace ds::hdf5 {
namespace {

constexpr uint64_t piece = uint64_t{1} << 20;          // bytes of rows at a time
constexpr uint64_t largest_piece = uint64_t{64} << 20; // where a chunk or a row is larger
constexpr uint64_t cache = uint64_t{128} << 20;        // of chunks: each is unpacked once
constexpr uint64_t most_known = 20;                    // datasets that a message lists

// ---- in the child

herr_t collect_name(hid_t, const char* name, const H5L_info_t* info, void* into) {
    try {
        auto& names = *static_cast<std::vector<std::string>*>(into);
        if (info->type == H5L_TYPE_HARD) names.emplace_back(name);
        return names.size() > 1000 ? 1 : 0;
    } catch (...) {
        return -1;
    }
}

/// One dataset of a file, opened.
class Dataset {
public:
    Dataset(Bytes& bytes, const std::string& file, const std::string& path) : place_{file, path} {
        open_library();
        H5PLset_loading_state(0); // no plugins
        const Handle access = access_list(bytes, false);
        file_ = Handle(H5Fopen("ds", H5F_ACC_RDONLY, access), H5Fclose);
        if (file_ < 0) fail(Exit::data, "{}: not an HDF5 file, or a damaged one", file);
        find();
        layout_ = check_storage(set_, place_, false);
        type_ = Handle(H5Dget_type(set_), H5Tclose);
        space_ = Handle(H5Dget_space(set_), H5Sclose);
        if (type_ < 0 || space_ < 0) damaged(place_);
        array_.shape = shape_of(space_, place_);
        if (array_.shape.empty() || count(array_.shape) == 0)
            refuse(place_, array_.shape.empty() ? "one value, and no rows of them" : "it holds nothing");
        take_type();
    }

    const ForeignArray& array() const { return array_; }

    void send_rows(const ChildSink& sink) {
        const uint64_t row = row_bytes();
        if (row > largest_piece) refuse(place_, fmt::format("rows of {} bytes", row));
        if (H5Dget_storage_size(set_) == 0) refuse(place_, "it has a shape and no contents");
        const auto rows = uint64_t(array_.shape[0]), at_a_time = rows_at_a_time(row);
        std::vector<char> buffer(std::min(rows, at_a_time) * row);
        for (uint64_t at = 0; at < rows; at += at_a_time) {
            const uint64_t n = std::min(at_a_time, rows - at);
            read(at, n, memory_type(), buffer.data());
            sink(std::span(buffer).first(n * row));
        }
    }

    void send_texts(const ChildSink& sink) {
        const bool variable = H5Tis_variable_str(type_) > 0;
        const uint64_t width = variable ? sizeof(char*) : H5Tget_size(type_);
        if (width > piece) refuse(place_, fmt::format("strings of {} bytes", width));
        const auto rows = uint64_t(array_.shape[0]), at_a_time = rows_at_a_time(width);
        const Handle memory(H5Tcopy(type_), H5Tclose);
        std::vector<char> buffer(std::min(rows, at_a_time) * width);
        const bool blanks = !variable && H5Tget_strpad(type_) == H5T_STR_SPACEPAD;
        for (uint64_t at = 0; at < rows; at += at_a_time) {
            const uint64_t n = std::min(at_a_time, rows - at);
            read(at, n, memory, buffer.data());
            frame_.clear();
            for (uint64_t i = 0; i < n; ++i) {
                if (variable) send_variable(buffer.data() + i * width, sink);
                else send_fixed({buffer.data() + i * width, width}, blanks, sink);
            }
            sink(frame_);
        }
    }

private:
    /// Walks the path a name at a time: a link that leads elsewhere is refused before it is followed.
    void find() {
        Handle at(H5Gopen2(file_, "/", H5P_DEFAULT), H5Gclose);
        if (at < 0) damaged(place_);
        const std::string& path = place_.path;
        for (size_t begin = 0; begin < path.size();) {
            const size_t end = std::min(path.find('/', begin), path.size());
            const std::string name = path.substr(begin, end - begin);
            begin = end + 1;
            if (name.empty()) continue;
            at = child(at, name);
        }
        if (H5Iget_type(at) != H5I_DATASET) no_dataset();
        const Handle list(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
        if (list < 0 || H5Pset_chunk_cache(list, 12421, cache, 1.0) < 0) damaged(place_);
        set_ = Handle(H5Dopen2(at, ".", list), H5Dclose);
        if (set_ < 0) damaged(place_);
    }
    Handle child(hid_t parent, const std::string& name) {
        if (H5Iget_type(parent) != H5I_GROUP || name == "." || H5Lexists(parent, name.c_str(), H5P_DEFAULT) <= 0)
            no_dataset();
        H5L_info_t link;
        if (H5Lget_info(parent, name.c_str(), &link, H5P_DEFAULT) < 0) damaged(place_);
        if (link.type == H5L_TYPE_EXTERNAL) refuse(place_, "a link to another file");
        if (link.type != H5L_TYPE_HARD) refuse(place_, "a soft link; name what it stands for");
        Handle object(H5Oopen(parent, name.c_str(), H5P_DEFAULT), H5Oclose);
        if (object < 0) damaged(place_);
        return object;
    }
    [[noreturn]] void no_dataset() {
        std::vector<std::string> known;
        const Handle root(H5Gopen2(file_, "/", H5P_DEFAULT), H5Gclose);
        if (root >= 0) list(root, "", 0, known);
        std::string all;
        for (size_t i = 0; i < known.size() && i < most_known; ++i) all += (i ? ", " : "") + known[i];
        fail(Exit::data, "{}: there is no dataset {}; there are: {}{}", place_.file, place_.path,
             all.empty() ? "none" : all, known.size() > most_known ? ", ..." : "");
    }
    void list(hid_t group, const std::string& path, int depth, std::vector<std::string>& known) {
        std::vector<std::string> names;
        hsize_t index = 0;
        if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &index, collect_name, &names) < 0) return;
        for (const std::string& name : names) {
            if (known.size() > most_known) return;
            const Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose);
            if (object < 0) continue;
            const H5I_type_t type = H5Iget_type(object);
            if (type == H5I_DATASET) known.push_back(path + "/" + name);
            if (type == H5I_GROUP && depth < 8) list(object, path + "/" + name, depth + 1, known);
        }
    }

    void take_type() {
        const H5T_class_t kind = H5Tget_class(type_);
        const size_t size = H5Tget_size(type_);
        switch (kind) {
        case H5T_STRING:
            if (array_.shape.size() > 1) refuse(place_, "a table of strings; one string a row is read");
            array_.texts = true;
            return;
        case H5T_FLOAT:
            if (size != 2 && size != 4 && size != 8) refuse(place_, fmt::format("floats of {} bytes", size));
            array_.dtype = size == 8 ? DType::f64 : DType::f32;
            return;
        case H5T_INTEGER: return take_integer(size, H5Tget_sign(type_) == H5T_SGN_2);
        case H5T_ENUM: // as h5py and PyTables write truth values
            if (size != 1 || H5Tget_nmembers(type_) != 2) refuse(place_, "an enumeration; write numbers or strings");
            array_.dtype = DType::u8;
            is_truth_ = true;
            return;
        default: refuse(place_, std::string(class_name(kind)) + "; numbers and strings are read");
        }
    }
    void take_integer(size_t size, bool has_sign) {
        if (size == 8 && !has_sign) refuse(place_, "unsigned integers of 64 bits; write signed ones");
        if (size > 8) refuse(place_, fmt::format("integers of {} bytes", size));
        if (size == 1) array_.dtype = has_sign ? DType::i8 : DType::u8;
        else array_.dtype = size == 2 || (size == 4 && has_sign) ? DType::i32 : DType::i64;
    }
    static std::string_view class_name(H5T_class_t kind) {
        switch (kind) {
        case H5T_COMPOUND: return "records of several fields (a compound type)";
        case H5T_REFERENCE: return "references";
        case H5T_VLEN: return "rows of different lengths";
        case H5T_ARRAY: return "arrays as elements";
        case H5T_OPAQUE: return "opaque bytes";
        case H5T_BITFIELD: return "bit fields";
        default: return "elements of an unknown type";
        }
    }
    /// Memory is native, whatever the order in the file.
    hid_t memory_type() const {
        if (is_truth_) return type_; // a byte each
        switch (array_.dtype) {
        case DType::f64: return H5T_NATIVE_DOUBLE;
        case DType::f32: return H5T_NATIVE_FLOAT;
        case DType::i64: return H5T_NATIVE_INT64;
        case DType::i32: return H5T_NATIVE_INT32;
        case DType::i8: return H5T_NATIVE_INT8;
        default: return H5T_NATIVE_UINT8;
        }
    }
    uint64_t row_bytes() const {
        return uint64_t(bytes(array_.dtype, Dims(array_.shape.begin() + 1, array_.shape.end())));
    }
    /// Whole chunks, so that each is unpacked once, as far as memory goes.
    uint64_t rows_at_a_time(uint64_t row) const {
        const uint64_t wanted = std::max<uint64_t>(1, piece / std::max<uint64_t>(1, row));
        if (layout_ != H5D_CHUNKED) return wanted;
        const Handle list(H5Dget_create_plist(set_), H5Pclose);
        hsize_t chunk[H5S_MAX_RANK] = {};
        if (list < 0 || H5Pget_chunk(list, H5S_MAX_RANK, chunk) < 1 || chunk[0] < 1) damaged(place_);
        const uint64_t rows = std::min<uint64_t>(chunk[0], uint64_t(array_.shape[0]));
        if (rows * row > largest_piece) return wanted;
        return std::max<uint64_t>(rows, wanted / rows * rows);
    }
    void read(uint64_t begin, uint64_t n, hid_t memory, void* out) {
        std::vector<hsize_t> start(array_.shape.size(), 0), size(array_.shape.begin(), array_.shape.end());
        start[0] = begin;
        size[0] = n;
        const Handle shape(H5Screate_simple(int(size.size()), size.data(), nullptr), H5Sclose);
        if (shape < 0 || H5Sselect_hyperslab(space_, H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr) < 0 ||
            H5Dread(set_, memory, shape, space_, H5P_DEFAULT, out) < 0)
            damaged(place_);
    }

    void send_variable(const char* at, const ChildSink& sink) {
        char* text = nullptr;
        std::memcpy(&text, at, sizeof text);
        add(text ? std::string_view(text) : std::string_view(), sink);
        H5free_memory(text);
    }
    void send_fixed(std::string_view text, bool blanks, const ChildSink& sink) {
        add(text.substr(0, blanks ? text.find_last_not_of(' ') + 1 : std::min(text.find('\0'), text.size())), sink);
    }
    /// A length of four bytes, and the text.
    void add(std::string_view text, const ChildSink& sink) {
        if (text.size() > piece) refuse(place_, fmt::format("a string of {} bytes", text.size()));
        const auto length = uint32_t(text.size());
        frame_.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
        if (frame_.size() < piece) return;
        sink(frame_);
        frame_.clear();
    }

    const Place place_;
    Handle file_, set_, type_, space_;
    H5D_layout_t layout_ = H5D_CONTIGUOUS;
    ForeignArray array_;
    bool is_truth_ = false;
    std::string frame_;
};

// ---- in the parent; the child may have been taken over by the file that it read

ForeignArray receive_description(const std::string& words, const Place& place) {
    std::vector<int64_t> numbers(words.size() / sizeof(int64_t));
    std::memcpy(numbers.data(), words.data(), numbers.size() * sizeof(int64_t));
    constexpr DType known[] = {DType::f64, DType::f32, DType::i64, DType::i32, DType::i8, DType::u8};
    if (numbers.size() < 3 || numbers.size() > 2 + size_t(max_rank) ||
        std::ranges::none_of(known, [&](DType d) { return int64_t(d) == numbers[1]; }) ||
        std::any_of(numbers.begin() + 2, numbers.end(), [](int64_t n) { return n < 1 || n > int64_t{1} << 48; }))
        damaged(place);
    return {numbers[0] != 0, DType(numbers[1]), Dims(numbers.begin() + 2, numbers.end())};
}

/// Bytes of all rows. Nothing packs better than a thousandth, so what says more is a bomb or damaged.
uint64_t unfolded(const Source& source, const ForeignArray& array, const Place& place) {
    uint64_t total = array.texts ? 1 : uint64_t(bytes(array.dtype, Dims{}));
    bool too_much = false;
    for (const int64_t size : array.shape) too_much = __builtin_mul_overflow(total, uint64_t(size), &total) || too_much;
    if (too_much || total > largest_piece + 1100 * source.size()) refuse(place, "its size does not fit the file");
    return total;
}

ChildLimits limits_for(uint64_t size) {
    return {(uint64_t{512} << 20) + 4 * largest_piece, seconds_for(size), UINT64_MAX};
}

std::vector<std::string> texts_of(const std::string& frame, const Place& place) {
    std::vector<std::string> texts;
    for (size_t at = 0; at < frame.size();) {
        uint32_t length = 0;
        if (frame.size() - at < sizeof length) damaged(place);
        std::memcpy(&length, frame.data() + at, sizeof length);
        at += sizeof length;
        if (length > frame.size() - at) damaged(place);
        texts.push_back(frame.substr(at, length));
        at += length;
    }
    return texts;
}

void stream(const Source& source, const std::string& path, const ChildLimits& limits,
            const std::function<void(Dataset&, const ChildSink&)>& send,
            const std::function<void(const std::string&)>& each) {
    SourceBytes bytes(source);
    const std::lock_guard lock(library_mutex());
    open_library();
    stream_from_child(
        [&](const ChildSink& sink) {
            Dataset set(bytes, source.name(), path);
            send(set, sink);
        },
        limits, source.name(), largest_piece + 2 * piece, each);
}

} // namespace

ForeignArray describe_array(const Source& source, const std::string& path) {
    std::string words;
    stream(
        source, path, limits_for(source.size()),
        [](Dataset& set, const ChildSink& sink) {
            std::vector<int64_t> numbers{set.array().texts, int64_t(set.array().dtype)};
            numbers.insert(numbers.end(), set.array().shape.begin(), set.array().shape.end());
            sink({reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(int64_t)});
        },
        [&](const std::string& frame) { words += frame; });
    const ForeignArray array = receive_description(words, {source.name(), path});
    unfolded(source, array, {source.name(), path});
    return array;
}

void read_array(const Source& source, const std::string& path, const ForeignArray& array,
                const std::function<void(std::span<const std::byte>, int64_t)>& each) {
    const Place place{source.name(), path};
    const auto row = size_t(bytes(array.dtype, Dims(array.shape.begin() + 1, array.shape.end())));
    int64_t left = array.shape.at(0);
    stream(
        source, path, limits_for(unfolded(source, array, place)),
        [](Dataset& set, const ChildSink& sink) { set.send_rows(sink); },
        [&](const std::string& frame) {
            const auto rows = int64_t(frame.size() / row);
            if (frame.size() % row != 0 || rows > left) damaged(place);
            left -= rows;
            each(std::as_bytes(std::span(frame)), rows);
        });
    if (left != 0) damaged(place);
}

void read_texts(const Source& source, const std::string& path, const ForeignArray& array,
                const std::function<void(std::span<const std::string>)>& each) {
    const Place place{source.name(), path};
    int64_t left = array.shape.at(0);
    stream(
        source, path, limits_for(source.size() + unfolded(source, array, place)),
        [](Dataset& set, const ChildSink& sink) { set.send_texts(sink); },
        [&](const std::string& frame) {
            const std::vector<std::string> texts = texts_of(frame, place);
            if (int64_t(texts.size()) > left) damaged(place);
            left -= int64_t(texts.size());
            each(texts);
        });
    if (left != 0) damaged(place);
}

} // namespace ds::hdf5
