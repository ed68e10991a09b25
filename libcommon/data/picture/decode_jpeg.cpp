// JPEG by libjpeg-turbo.
#include <turbojpeg.h>

#include <memory>
#include <new>

#include "base/error.h"
#include "data/picture/exif.h"
#include "data/picture/formats.h"

namespace ds {
namespace {

struct Header {
    int width = 0, height = 0, sampling = 0, space = 0;
};

using Decoder = std::unique_ptr<void, int (*)(void*)>;

Decoder make_decoder() {
    Decoder decoder(tjInitDecompress(), tjDestroy);
    if (!decoder) throw std::bad_alloc();
    return decoder;
}

const unsigned char* data(Bytes bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Header read_header(const Decoder& decoder, Bytes bytes, const std::string& source) {
    Header h;
    if (tjDecompressHeader3(decoder.get(), data(bytes), bytes.size(), &h.width, &h.height, &h.sampling, &h.space) != 0)
        fail(Exit::data, "{}: damaged JPEG: {}", source, tjGetErrorStr2(decoder.get()));
    check_picture_size(h.height, h.width, bytes.size(), 8 * 1032, source); // a bit for each 64 pixels is far below
    if (h.space == TJCS_CMYK || h.space == TJCS_YCCK)
        fail(Exit::data, "{}: a JPEG in CMYK colours, which is not read; convert it to RGB", source);
    return h;
}

/// Of the segment APP1 that begins with "Exif": marker, length, data, until the scan begins.
int orientation_of(Bytes bytes) {
    const unsigned char* p = data(bytes);
    for (size_t at = 2; at + 4 <= bytes.size() && p[at] == 0xff;) {
        const unsigned char marker = p[at + 1];
        if (marker == 0xff) { // fill bytes may stand before a marker
            ++at;
            continue;
        }
        const size_t length = size_t(p[at + 2]) << 8 | p[at + 3];
        if (marker == 0xda || length < 2 || length > bytes.size() - at - 2) return 1;
        const Bytes segment = bytes.subspan(at + 4, length - 2);
        if (marker == 0xe1 && segment.size() >= 6 &&
            std::string_view(reinterpret_cast<const char*>(p) + at + 4, 4) == "Exif")
            return exif_orientation(segment);
        at += 2 + length;
    }
    return 1;
}

bool colour(Bytes bytes, const std::string& source) {
    return read_header(make_decoder(), bytes, source).space != TJCS_GRAY;
}

Raster decode(Bytes bytes, const std::string& source) {
    const Decoder decoder = make_decoder();
    const Header h = read_header(decoder, bytes, source);
    const bool grey = h.space == TJCS_GRAY;
    Raster raster{h.height, h.width, grey ? 1 : 3, false, orientation_of(bytes), {}};
    raster.samples.resize(size_t(raster.height * raster.width * raster.channels));
    if (tjDecompress2(decoder.get(), data(bytes), bytes.size(), raster.samples.data(), h.width, 0, h.height,
                      grey ? TJPF_GRAY : TJPF_RGB, TJFLAG_STOPONWARNING) != 0)
        fail(Exit::data, "{}: damaged JPEG: {}", source, tjGetErrorStr2(decoder.get()));
    return raster;
}

} // namespace

PictureFormat jpeg_format() {
    return {"JPEG", [](std::string_view head) { return head.starts_with("\xff\xd8\xff"); }, colour, decode};
}

} // namespace ds
