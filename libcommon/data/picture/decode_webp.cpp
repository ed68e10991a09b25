// WebP by libwebp: lossy and lossless; of an animation the first frame, on its canvas.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "base/error.h"
#include "data/picture/exif.h"
#include "data/picture/formats.h"

namespace ds {
namespace {

const uint8_t* data(Bytes bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

WebPBitstreamFeatures read_header(Bytes bytes, const std::string& source) {
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(data(bytes), bytes.size(), &features) != VP8_STATUS_OK)
        fail(Exit::data, "{}: damaged WebP: its header is no good", source);
    check_picture_size(features.height, features.width, bytes.size(), 1 << 20, source); // one colour takes no bits
    return features;
}

/// The chunk EXIF: name, length, data, to an even number of bytes.
int orientation_of(Bytes bytes) {
    const uint8_t* p = data(bytes);
    for (size_t at = 12; at + 8 <= bytes.size();) {
        const size_t length = p[at + 4] | size_t(p[at + 5]) << 8 | size_t(p[at + 6]) << 16 | size_t(p[at + 7]) << 24;
        if (length > bytes.size() - at - 8) return 1;
        if (std::string_view(reinterpret_cast<const char*>(p) + at, 4) == "EXIF")
            return exif_orientation(bytes.subspan(at + 8, length));
        at += 8 + length + length % 2;
    }
    return 1;
}

/// RGBA of the canvas when the first frame is shown.
bool decode_first_frame(Bytes bytes, Raster& raster) {
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options)) bug("libwebp is of another version than its headers");
    options.color_mode = MODE_RGBA;
    options.use_threads = 0;
    const WebPData all{data(bytes), bytes.size()};
    const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(WebPAnimDecoderNew(&all, &options),
                                                                               WebPAnimDecoderDelete);
    uint8_t* canvas = nullptr;
    int milliseconds = 0;
    WebPAnimInfo info;
    if (!decoder || !WebPAnimDecoderGetInfo(decoder.get(), &info) || info.canvas_width != uint32_t(raster.width) ||
        info.canvas_height != uint32_t(raster.height) || !WebPAnimDecoderGetNext(decoder.get(), &canvas, &milliseconds))
        return false;
    raster.samples.assign(canvas, canvas + raster.height * raster.width * 4);
    return true;
}

bool decode_still(Bytes bytes, Raster& raster) {
    raster.samples.resize(size_t(raster.height * raster.width * raster.channels));
    const auto into = raster.channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
    return into(data(bytes), bytes.size(), raster.samples.data(), raster.samples.size(),
                int(raster.width * raster.channels)) != nullptr;
}

bool colour(Bytes bytes, const std::string& source) {
    read_header(bytes, source);
    return true; // WebP knows no grey
}

Raster decode(Bytes bytes, const std::string& source) {
    const WebPBitstreamFeatures features = read_header(bytes, source);
    Raster raster{features.height, features.width,        features.has_alpha || features.has_animation ? 4 : 3,
                  false,           orientation_of(bytes), {}};
    if (!(features.has_animation ? decode_first_frame(bytes, raster) : decode_still(bytes, raster)))
        fail(Exit::data, "{}: damaged WebP", source);
    return raster;
}

bool begins(std::string_view head) { return head.starts_with("RIFF") && head.substr(0, 12).ends_with("WEBP"); }

} // namespace

PictureFormat webp_format() { return {"WebP", begins, colour, decode}; }

} // namespace ds
