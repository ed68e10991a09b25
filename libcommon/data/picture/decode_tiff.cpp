// TIFF by libtiff: the first page. Grey, palette, RGB and YCbCr, with or without alpha, of up to 16 bits a sample.
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "data/picture/formats.h"

namespace ds {
namespace {

/// The file in memory, as libtiff reads it.
struct Memory {
    Bytes bytes;
    uint64_t at = 0;
    std::string error{}; // the first that libtiff told
};

tmsize_t read_some(thandle_t handle, void* to, tmsize_t n) {
    Memory& m = *static_cast<Memory*>(handle);
    const uint64_t left = m.bytes.size() - std::min<uint64_t>(m.at, m.bytes.size());
    const uint64_t take = std::min<uint64_t>(left, uint64_t(std::max<tmsize_t>(n, 0)));
    if (take > 0) std::memcpy(to, m.bytes.data() + m.at, take);
    m.at += take;
    return tmsize_t(take);
}
tmsize_t write_none(thandle_t, void*, tmsize_t) { return -1; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
    Memory& m = *static_cast<Memory*>(handle);
    const uint64_t base = whence == SEEK_CUR ? m.at : whence == SEEK_END ? m.bytes.size() : 0;
    return m.at = base + offset;
}
int close_nothing(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return static_cast<Memory*>(handle)->bytes.size(); }
int map(thandle_t handle, void** base, toff_t* size) {
    const Bytes bytes = static_cast<Memory*>(handle)->bytes;
    *base = const_cast<std::byte*>(bytes.data()); // opened for reading: nothing is written there
    *size = bytes.size();
    return 1;
}
void unmap(thandle_t, void*, toff_t) {}

__attribute__((format(printf, 4, 0))) int keep_error(TIFF*, void* user, const char*, const char* format, va_list list) {
    std::string& error = static_cast<Memory*>(user)->error;
    if (!error.empty()) return 1;
    char text[300];
    vsnprintf(text, sizeof text, format, list);
    error = text;
    return 1;
}
__attribute__((format(printf, 4, 0))) int ignore(TIFF*, void*, const char*, const char*, va_list) { return 1; }

/// A file that stands at its first page.
struct Page {
    Page(Bytes bytes, std::string name) : memory{bytes}, source(std::move(name)), file(nullptr, TIFFClose) {
        const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                                   TIFFOpenOptionsFree);
        TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &memory);
        TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore, nullptr);
        TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t{1} << 31);
        file.reset(TIFFClientOpenExt("picture", "r", &memory, read_some, write_none, seek, close_nothing, size_of, map,
                                     unmap, options.get()));
        if (!file) damaged();
        uint32_t w = 0, h = 0;
        if (!TIFFGetField(file.get(), TIFFTAG_IMAGEWIDTH, &w) || !TIFFGetField(file.get(), TIFFTAG_IMAGELENGTH, &h))
            fail(Exit::data, "{}: damaged TIFF: it has no size", source);
        width = w, height = h;
        check_picture_size(height, width, bytes.size(), 1 << 20, source); // a white fax line is a bit
        refuse_foreign_samples();
    }
    [[noreturn]] void damaged() const {
        fail(Exit::data, "{}: damaged TIFF: {}", source, memory.error.empty() ? "its pixels" : memory.error);
    }
    uint16_t number(uint32_t tag, uint16_t otherwise) const {
        uint16_t value = otherwise;
        return TIFFGetFieldDefaulted(file.get(), tag, &value) ? value : otherwise;
    }
    bool grey() const {
        const uint16_t kind = number(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
        return kind == PHOTOMETRIC_MINISBLACK || kind == PHOTOMETRIC_MINISWHITE;
    }

    Memory memory;
    std::string source;
    std::unique_ptr<TIFF, void (*)(TIFF*)> file;
    int64_t height = 0, width = 0;

private:
    void refuse_foreign_samples() const {
        if (number(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) == PHOTOMETRIC_SEPARATED)
            fail(Exit::data, "{}: a TIFF in CMYK colours, which is not read; convert it to RGB", source);
        const uint16_t format = number(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT),
                       bits = number(TIFFTAG_BITSPERSAMPLE, 1);
        if ((format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID) || bits > 16)
            fail(Exit::data, "{}: a TIFF of {} of {} bits; whole numbers of up to 16 are read as pictures", source,
                 format == SAMPLEFORMAT_IEEEFP ? "floating-point samples" : "samples", bits);
        char why[1024] = "";
        if (!TIFFRGBAImageOK(file.get(), why)) fail(Exit::data, "{}: a TIFF that is not read: {}", source, why);
    }
};

/// The pixels as they are stored: libtiff would mirror for some orientations and never turn, so it is told of none.
bool read_pixels(Page& page, std::vector<uint32_t>& pixels, bool& alpha) {
    TIFFRGBAImage image;
    char why[1024] = "";
    if (!TIFFRGBAImageBegin(&image, page.file.get(), 1, why)) {
        if (page.memory.error.empty()) page.memory.error = why;
        return false;
    }
    image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
    alpha = image.alpha != 0;
    const bool good = TIFFRGBAImageGet(&image, pixels.data(), uint32_t(page.width), uint32_t(page.height)) != 0;
    TIFFRGBAImageEnd(&image);
    return good;
}

bool colour(Bytes bytes, const std::string& source) { return !Page(bytes, source).grey(); }

Raster decode(Bytes bytes, const std::string& source) {
    Page page(bytes, source);
    std::vector<uint32_t> pixels(size_t(page.height * page.width));
    bool alpha = false;
    if (!read_pixels(page, pixels, alpha)) page.damaged();
    const int turn = page.number(TIFFTAG_ORIENTATION, 1);
    Raster raster{page.height, page.width, (page.grey() ? 1 : 3) + (alpha ? 1 : 0), true, turn <= 8 ? turn : 1, {}};
    raster.samples.reserve(pixels.size() * size_t(raster.channels));
    for (uint32_t p : pixels) {
        raster.samples.push_back(uint8_t(TIFFGetR(p)));
        if (raster.channels >= 3)
            raster.samples.insert(raster.samples.end(), {uint8_t(TIFFGetG(p)), uint8_t(TIFFGetB(p))});
        if (alpha) raster.samples.push_back(uint8_t(TIFFGetA(p)));
    }
    return raster;
}

bool begins(std::string_view head) {
    using namespace std::string_view_literals;
    return head.starts_with("II*\0"sv) || head.starts_with("MM\0*"sv) || head.starts_with("II+\0"sv) ||
           head.starts_with("MM\0+"sv);
}

} // namespace

PictureFormat tiff_format() { return {"TIFF", begins, colour, decode}; }

} // namespace ds
