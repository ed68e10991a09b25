#include "data/picture/exif.h"

#include <cstdint>
#include <string_view>

namespace ds {
namespace {

/// Numbers of either byte order; 0 beyond the end.
struct Numbers {
    std::string_view text;
    bool big = false;
    uint32_t at(size_t offset, size_t width) const {
        if (width > text.size() || offset > text.size() - width) return 0;
        uint32_t value = 0;
        for (size_t i = 0; i < width; ++i)
            value = value << 8 | static_cast<unsigned char>(text[offset + (big ? i : width - 1 - i)]);
        return value;
    }
};

} // namespace

int exif_orientation(std::span<const std::byte> block) {
    Numbers n{{reinterpret_cast<const char*>(block.data()), block.size()}};
    if (n.text.starts_with(std::string_view("Exif\0\0", 6))) n.text.remove_prefix(6);
    if (!n.text.starts_with("II*") && !n.text.starts_with(std::string_view("MM\0*", 4))) return 1;
    n.big = n.text[0] == 'M';
    const size_t directory = n.at(4, 4), entries = n.at(directory, 2);
    for (size_t i = 0; i < entries; ++i) {
        const size_t entry = directory + 2 + 12 * i; // tag, type, count, value
        if (entry + 12 > n.text.size()) return 1;
        if (n.at(entry, 2) != 0x0112) continue;
        const uint32_t value = n.at(entry + 2, 2) == 4 ? n.at(entry + 8, 4) : n.at(entry + 8, 2); // a long or a short
        return value >= 1 && value <= 8 ? int(value) : 1;
    }
    return 1;
}

} // namespace ds
