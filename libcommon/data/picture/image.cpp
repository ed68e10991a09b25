#include "data/picture/image.h"

#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "base/atomic_file.h"
#include "base/error.h"

namespace ds {
namespace {

void check_size(int64_t height, int64_t width, const std::string& source) {
    if (height < 1 || width < 1 || height > max_image_side || width > max_image_side)
        fail(Exit::data, "{}: an image of {} x {} pixels; up to {} on a side are read", source, width, height,
             max_image_side);
}

/// What compression can make of so many bytes, before memory is taken for what a header says: deflate makes at most
/// 1032 of one (of PNG: 8 pixels each, where one takes a bit), and a JPEG has a bit for each 64 pixels.
void check_size(int64_t height, int64_t width, size_t bytes, const std::string& source) {
    check_size(height, width, source);
    if (height * width > max_image_pixels)
        fail(Exit::data, "{}: an image of {} x {} pixels; up to {} in all are read", source, width, height,
             max_image_pixels);
    if (height * width > int64_t(bytes) * 8 * 1032)
        fail(Exit::data, "{}: {} bytes are too few for {} x {} pixels", source, bytes, width, height);
}

Image planar(const std::vector<uint8_t>& packed, int64_t height, int64_t width, int64_t channels) {
    Image image{height, width, channels, std::vector<uint8_t>(packed.size())};
    for (int64_t c = 0; c < channels; ++c)
        for (int64_t i = 0; i < height * width; ++i)
            image.pixels[size_t(c * height * width + i)] = packed[size_t(i * channels + c)];
    return image;
}

Image decode_png(std::span<const std::byte> bytes, const std::string& source, int64_t channels) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()))
        fail(Exit::data, "{}: damaged PNG: {}", source, png.message);
    const std::unique_ptr<png_image, void (*)(png_image*)> guard(&png, png_image_free);
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB; // deep PNGs without a gamma are no more linear than others
    check_size(png.height, png.width, bytes.size(), source);
    if (channels == 0) channels = png.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1;
    png.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    std::vector<uint8_t> packed(PNG_IMAGE_SIZE(png));
    const png_color black{0, 0, 0};
    if (!png_image_finish_read(&png, &black, packed.data(), 0, nullptr))
        fail(Exit::data, "{}: damaged PNG: {}", source, png.message);
    return planar(packed, png.height, png.width, channels);
}

Image decode_jpeg(std::span<const std::byte> bytes, const std::string& source, int64_t channels) {
    const std::unique_ptr<void, int (*)(void*)> decoder(tjInitDecompress(), tjDestroy);
    if (!decoder) throw std::bad_alloc();
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    int width = 0, height = 0, subsampling = 0, space = 0;
    if (tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height, &subsampling, &space) != 0)
        fail(Exit::data, "{}: damaged JPEG: {}", source, tjGetErrorStr2(decoder.get()));
    check_size(height, width, bytes.size(), source);
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        fail(Exit::data, "{}: a JPEG in CMYK colours, which is not read", source);
    if (channels == 0) channels = space == TJCS_GRAY ? 1 : 3;
    std::vector<uint8_t> packed(size_t(width) * size_t(height) * size_t(channels));
    const int format = channels == 3 ? TJPF_RGB : TJPF_GRAY;
    if (tjDecompress2(decoder.get(), data, bytes.size(), packed.data(), width, 0, height, format,
                      TJFLAG_STOPONWARNING) != 0)
        fail(Exit::data, "{}: damaged JPEG: {}", source, tjGetErrorStr2(decoder.get()));
    return planar(packed, height, width, channels);
}

/// The next number of a PNM header, past white space and comments.
int64_t pnm_number(std::string_view text, size_t& at, const std::string& source) {
    while (at < text.size() && (std::isspace(static_cast<unsigned char>(text[at])) || text[at] == '#')) {
        if (text[at] == '#')
            while (at < text.size() && text[at] != '\n') ++at;
        else ++at;
    }
    int64_t value = 0;
    const size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9' && value < 1'000'000)
        value = value * 10 + (text[at++] - '0');
    if (at == start) fail(Exit::data, "{}: a PNM header with a number missing", source);
    return value;
}

std::vector<uint8_t> pnm_samples(std::string_view text, size_t at, size_t n, int64_t top, bool ascii,
                                 const std::string& source) {
    std::vector<uint8_t> all(n);
    if (ascii) {
        for (uint8_t& sample : all) sample = uint8_t(std::min(top, pnm_number(text, at, source)) * 255 / top);
        return all;
    }
    if (text.size() - at < n) fail(Exit::data, "{}: the file ends within its pixels", source);
    for (size_t i = 0; i < n; ++i)
        all[i] = uint8_t(std::min<int64_t>(top, static_cast<unsigned char>(text[at + i])) * 255 / top);
    return all;
}

/// Rec. 601 luma, as libjpeg has it; or the grey in all three channels.
Image with_channels(Image image, int64_t channels) {
    if (channels == 0 || image.channels == channels) return image;
    const size_t n = size_t(image.height * image.width);
    Image out{image.height, image.width, channels, std::vector<uint8_t>(n * size_t(channels))};
    for (size_t i = 0; i < n; ++i) {
        if (channels == 1)
            out.pixels[i] = uint8_t(
                std::lround(0.299 * image.pixels[i] + 0.587 * image.pixels[n + i] + 0.114 * image.pixels[2 * n + i]));
        else out.pixels[i] = out.pixels[n + i] = out.pixels[2 * n + i] = image.pixels[i];
    }
    return out;
}

Image decode_pnm(std::span<const std::byte> bytes, const std::string& source, int64_t channels) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const char kind = text[1];
    size_t at = 2;
    const int64_t width = pnm_number(text, at, source), height = pnm_number(text, at, source),
                  top = pnm_number(text, at, source);
    check_size(height, width, source);
    if (top < 1 || top > 255) fail(Exit::data, "{}: a PNM with {} levels; 1 to 255 are read", source, top);
    const int64_t own = kind == '3' || kind == '6' ? 3 : 1;
    const bool ascii = kind == '2' || kind == '3';
    const size_t n = size_t(width * height * own);
    if (bytes.size() < n) fail(Exit::data, "{}: the file is too short for {} x {} pixels", source, width, height);
    return with_channels(
        planar(pnm_samples(text, at + 1 <= text.size() ? at + 1 : at, n, top, ascii, source), height, width, own),
        channels);
}

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

/// The mean of plane[y0,y1) x [x0,x1), fractions of pixels weighted.
double box_mean(const uint8_t* plane, int64_t width, double y0, double y1, double x0, double x1) {
    double sum = 0, area = 0;
    for (int64_t y = int64_t(y0); double(y) < y1; ++y)
        for (int64_t x = int64_t(x0); double(x) < x1; ++x) {
            const double weight = (std::min(y1, double(y + 1)) - std::max(y0, double(y))) *
                                  (std::min(x1, double(x + 1)) - std::max(x0, double(x)));
            sum += weight * plane[y * width + x];
            area += weight;
        }
    return sum / area;
}

double bilinear(const uint8_t* plane, int64_t height, int64_t width, double y, double x) {
    y = std::clamp(y - 0.5, 0.0, double(height - 1));
    x = std::clamp(x - 0.5, 0.0, double(width - 1));
    const int64_t y0 = int64_t(y), x0 = int64_t(x), y1 = std::min(y0 + 1, height - 1), x1 = std::min(x0 + 1, width - 1);
    const double fy = y - double(y0), fx = x - double(x0);
    const double upper = plane[y0 * width + x0] * (1 - fx) + plane[y0 * width + x1] * fx;
    return upper * (1 - fy) + (plane[y1 * width + x0] * (1 - fx) + plane[y1 * width + x1] * fx) * fy;
}

/// A window [top, top+h) x [left, left+w) of the image at another size.
Image sample_window(const Image& image, double top, double left, double h, double w, int64_t height, int64_t width) {
    Image out{height, width, image.channels, std::vector<uint8_t>(size_t(height * width * image.channels))};
    const double step_y = h / double(height), step_x = w / double(width);
    const bool shrinks = step_y > 1 || step_x > 1;
    for (int64_t c = 0; c < image.channels; ++c) {
        const uint8_t* plane = image.pixels.data() + c * image.height * image.width;
        for (int64_t y = 0; y < height; ++y)
            for (int64_t x = 0; x < width; ++x) {
                const double y0 = top + double(y) * step_y, x0 = left + double(x) * step_x;
                const double value = shrinks
                                         ? box_mean(plane, image.width, y0, std::min(double(image.height), y0 + step_y),
                                                    x0, std::min(double(image.width), x0 + step_x))
                                         : bilinear(plane, image.height, image.width, y0 + step_y / 2, x0 + step_x / 2);
                out.pixels[size_t((c * height + y) * width + x)] = uint8_t(std::clamp(std::lround(value), 0L, 255L));
            }
    }
    return out;
}

} // namespace

Image decode_image(std::span<const std::byte> bytes, const std::string& source, int64_t channels) {
    if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) return decode_png(bytes, source, channels);
    if (starts_with(bytes, "\xff\xd8\xff")) return decode_jpeg(bytes, source, channels);
    const bool pnm =
        bytes.size() > 8 && bytes[0] == std::byte('P') && std::strchr("2356", char(bytes[1])) && char(bytes[1]) != 0;
    if (pnm) return decode_pnm(bytes, source, channels);
    fail(Exit::data, "{}: neither PNG nor JPEG nor PNM", source);
}

Image read_image(const std::string& path, int64_t channels) {
    const std::string bytes = read_file(path, size_t{1} << 30);
    return decode_image(std::as_bytes(std::span(bytes)), path, channels);
}

std::string encode_png(const Image& image) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = png_uint_32(image.width);
    png.height = png_uint_32(image.height);
    png.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    std::vector<uint8_t> packed(image.pixels.size());
    const int64_t n = image.height * image.width;
    for (int64_t c = 0; c < image.channels; ++c)
        for (int64_t i = 0; i < n; ++i) packed[size_t(i * image.channels + c)] = image.pixels[size_t(c * n + i)];
    png_alloc_size_t size = 0;
    if (!png_image_write_to_memory(&png, nullptr, &size, 0, packed.data(), 0, nullptr)) bug("PNG: {}", png.message);
    std::string out(size, '\0');
    if (!png_image_write_to_memory(&png, out.data(), &size, 0, packed.data(), 0, nullptr)) bug("PNG: {}", png.message);
    out.resize(size);
    return out;
}

Image resize(const Image& image, int64_t height, int64_t width, ResizeRule rule) {
    if (image.height == height && image.width == width) return image;
    const double h = double(image.height), w = double(image.width), scale_y = double(height) / h,
                 scale_x = double(width) / w;
    if (rule == ResizeRule::stretch) return sample_window(image, 0, 0, h, w, height, width);
    if (rule == ResizeRule::fill) {
        const double scale = std::max(scale_y, scale_x), part_h = double(height) / scale,
                     part_w = double(width) / scale;
        return sample_window(image, (h - part_h) / 2, (w - part_w) / 2, part_h, part_w, height, width);
    }
    const double scale = std::min(scale_y, scale_x);
    const int64_t inner_h = std::max<int64_t>(1, std::lround(h * scale)),
                  inner_w = std::max<int64_t>(1, std::lround(w * scale));
    const Image inner = sample_window(image, 0, 0, h, w, inner_h, inner_w);
    Image out{height, width, image.channels, std::vector<uint8_t>(size_t(height * width * image.channels))};
    const int64_t top = (height - inner_h) / 2, left = (width - inner_w) / 2;
    for (int64_t c = 0; c < image.channels; ++c)
        for (int64_t y = 0; y < inner_h; ++y)
            std::copy_n(inner.pixels.begin() + (c * inner_h + y) * inner_w, inner_w,
                        out.pixels.begin() + (c * height + y + top) * width + left);
    return out;
}

} // namespace ds
