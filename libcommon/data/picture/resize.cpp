#include "data/picture/resize.h"

#include <algorithm>
#include <cmath>

namespace ds {
namespace {

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

Placement placement(int64_t image_h, int64_t image_w, int64_t height, int64_t width, ResizeRule rule) {
    const double h = double(image_h), w = double(image_w), scale_y = double(height) / h, scale_x = double(width) / w;
    if (rule == ResizeRule::stretch) return {0, 0, h, w, 0, 0, height, width};
    if (rule == ResizeRule::fill) {
        const double scale = std::max(scale_y, scale_x), part_h = double(height) / scale,
                     part_w = double(width) / scale;
        return {(h - part_h) / 2, (w - part_w) / 2, part_h, part_w, 0, 0, height, width};
    }
    const double scale = std::min(scale_y, scale_x);
    const int64_t inner_h = std::max<int64_t>(1, std::lround(h * scale)),
                  inner_w = std::max<int64_t>(1, std::lround(w * scale));
    return {0, 0, h, w, (height - inner_h) / 2, (width - inner_w) / 2, inner_h, inner_w};
}

Image resize(const Image& image, int64_t height, int64_t width, ResizeRule rule, std::span<const uint8_t> background) {
    if (rule == ResizeRule::none || (image.height == height && image.width == width)) return image;
    const Placement p = placement(image.height, image.width, height, width, rule);
    Image inner = sample_window(image, p.top, p.left, p.height, p.width, p.to_height, p.to_width);
    if (rule != ResizeRule::fit) return inner;
    Image out{height, width, image.channels, std::vector<uint8_t>(size_t(height * width * image.channels))};
    for (int64_t c = 0; c < image.channels; ++c) {
        if (!background.empty())
            std::fill_n(out.pixels.begin() + c * height * width, height * width, background[size_t(c)]);
        for (int64_t y = 0; y < p.to_height; ++y)
            std::copy_n(inner.pixels.begin() + (c * p.to_height + y) * p.to_width, p.to_width,
                        out.pixels.begin() + (c * height + y + p.to_top) * width + p.to_left);
    }
    return out;
}

} // namespace ds
