#include "data/format/npy.h"

#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace ds {
namespace {

/// The text behind 'key': in the header's dictionary.
std::string_view field(std::string_view header, std::string_view key, const std::string& source) {
    const size_t at = header.find("'" + std::string(key) + "'");
    const size_t colon = at == std::string_view::npos ? at : header.find(':', at);
    if (colon == std::string_view::npos) fail(Exit::data, "{}: its header has no '{}'", source, key);
    std::string_view rest = header.substr(colon + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return rest;
}

bool parse_truth(std::string_view text, const std::string& source) {
    if (text.starts_with("True")) return true;
    if (text.starts_with("False")) return false;
    fail(Exit::data, "{}: its header does not say in which order the numbers lie", source);
}

Dims parse_shape(std::string_view text, const std::string& source) {
    Dims shape;
    const size_t close = text.find(')');
    if (text.empty() || text[0] != '(' || close == std::string_view::npos)
        fail(Exit::data, "{}: its header has no shape", source);
    std::string_view list = text.substr(1, close - 1);
    while (!list.empty()) {
        list.remove_prefix(std::min(list.find_first_not_of(" ,"), list.size()));
        if (list.empty()) break;
        int64_t size = 0;
        const auto [end, error] = std::from_chars(list.data(), list.data() + list.size(), size);
        if (error != std::errc{} || size < 0 || shape.size() >= size_t(max_rank))
            fail(Exit::data, "{}: its header has an impossible shape", source);
        shape.push_back(size);
        list.remove_prefix(size_t(end - list.data()));
    }
    return shape;
}

} // namespace

NpyHeader parse_npy_header(std::span<const std::byte> begin, uint64_t size, const std::string& source) {
    begin = begin.first(std::min(begin.size(), max_npy_header));
    const std::string_view text(reinterpret_cast<const char*>(begin.data()), begin.size());
    if (text.size() < 12 || text.substr(0, 6) != "\x93NUMPY") fail(Exit::data, "{}: not a .npy file", source);
    const int major = text[6];
    auto byte = [&](size_t i) { return size_t(static_cast<unsigned char>(text[i])); };
    const size_t start = major == 1 ? 10 : 12;
    const size_t length =
        major == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
    if (major < 1 || major > 3 || length > text.size() - start) fail(Exit::data, "{}: its header is damaged", source);
    const std::string_view header = text.substr(start, length);
    NpyHeader array;
    array.fortran = parse_truth(field(header, "fortran_order", source), source);
    array.element = parse_npy_element(field(header, "descr", source), source);
    array.shape = parse_shape(field(header, "shape", source), source);
    array.length = start + length;
    int64_t stated = 0;
    try {
        stated = bytes(DType::u8, array.shape);
    } catch (const Error& error) { // more than can be counted
        fail(Exit::data, "{}: {}", source, error.what());
    }
    const uint64_t left = size - array.length;
    if (left % array.element.size != 0 || uint64_t(stated) != left / array.element.size)
        fail(Exit::data, "{}: {} bytes for an array {} of {} bytes each", source, left, ds::text(array.shape),
             array.element.size);
    return array;
}

NpyArray parse_npy(std::span<const std::byte> all, const std::string& source) {
    const NpyHeader header = parse_npy_header(all, all.size(), source);
    if (header.element.is_text()) fail(Exit::data, "{}: an array of strings, where numbers are taken", source);
    const std::span<const std::byte> own = all.subspan(header.length);
    std::vector<std::byte> raw = header.fortran ? in_c_order(header.element.size, header.shape, own)
                                                : std::vector<std::byte>(own.begin(), own.end());
    return {header.element.dtype(), header.shape, npy_numbers(header.element, std::move(raw), source)};
}

std::vector<std::byte> in_c_order(size_t size, const Dims& shape, std::span<const std::byte> fortran) {
    const size_t axes = shape.size();
    std::vector<std::byte> to(fortran.size());
    std::array<int64_t, size_t(max_rank)> at{}, step{}; // of the element that is taken, axis by axis
    for (size_t a = axes, next = 1; a-- > 0; next *= size_t(shape[a])) step[a] = int64_t(next);
    int64_t place = 0; // where it goes
    for (size_t from = 0; from + size <= fortran.size(); from += size) {
        std::memcpy(to.data() + size_t(place) * size, fortran.data() + from, size);
        for (size_t a = 0; a < axes; ++a) {
            place += step[a];
            if (++at[a] < shape[a]) break;
            place -= step[a] * shape[a];
            at[a] = 0;
        }
    }
    return to;
}

std::string npy_header(DType dtype, const Dims& shape) {
    const std::string_view descriptor = npy_descriptor(dtype);
    if (descriptor.empty()) fail(Exit::usage, "NumPy has no {}", name(dtype));
    std::string sizes;
    for (int64_t s : shape) sizes += std::to_string(s) + ", ";
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descriptor,
                                     sizes.size() > 2 && shape.size() > 1 ? sizes.substr(0, sizes.size() - 2) : sizes);
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    std::string out = std::string("\x93NUMPY\x01\x00", 8);
    out += char(header.size() & 255);
    out += char(header.size() >> 8);
    return out + header;
}

std::string encode_npy(DType dtype, const Dims& shape, std::span<const std::byte> data) {
    std::string out = npy_header(dtype, shape);
    return out.append(reinterpret_cast<const char*>(data.data()), data.size());
}

} // namespace ds
