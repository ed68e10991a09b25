#include "data/augment/geometry.h"

#include <algorithm>

namespace ds {

Affine operator*(const Affine& o, const Affine& i) {
    return {o.a * i.a + o.b * i.d, o.a * i.b + o.b * i.e, o.a * i.c + o.b * i.f + o.c,
            o.d * i.a + o.e * i.d, o.d * i.b + o.e * i.e, o.d * i.c + o.e * i.f + o.f};
}

Affine shifted(double x, double y) { return {1, 0, x, 0, 1, y}; }

Affine about_middle(const Affine& map, const ImageForm& form) {
    const double x = double(form.width) / 2, y = double(form.height) / 2;
    return shifted(x, y) * map * shifted(-x, -y);
}

void move_pixels(std::span<float> image, const ImageForm& form, const Affine& map, std::vector<float>& work) {
    work.assign(image.begin(), image.end());
    const int64_t height = form.height, width = form.width, plane = height * width;
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x) {
            const double cx = double(x) + 0.5, cy = double(y) + 0.5;
            const double sx = map.a * cx + map.b * cy + map.c, sy = map.d * cx + map.e * cy + map.f;
            const bool inside = sx >= 0 && sx <= double(width) && sy >= 0 && sy <= double(height);
            // Between the centres of the four pixels around; the outermost half pixel has its own value.
            const double px = std::clamp(sx - 0.5, 0.0, double(width - 1)),
                         py = std::clamp(sy - 0.5, 0.0, double(height - 1));
            const int64_t x0 = int64_t(px), y0 = int64_t(py), x1 = std::min(x0 + 1, width - 1),
                          y1 = std::min(y0 + 1, height - 1);
            const float fx = float(px - double(x0)), fy = float(py - double(y0));
            for (int64_t c = 0; c < form.channels; ++c) {
                float& to = image[size_t(c * plane + y * width + x)];
                if (!inside) {
                    to = form.black(c);
                    continue;
                }
                const float* from = work.data() + c * plane;
                const float upper = from[y0 * width + x0] * (1 - fx) + from[y0 * width + x1] * fx,
                            lower = from[y1 * width + x0] * (1 - fx) + from[y1 * width + x1] * fx;
                to = upper * (1 - fy) + lower * fy;
            }
        }
}

void move_classes(std::span<int32_t> mask, int64_t height, int64_t width, int32_t outside, const Affine& map,
                  std::vector<int32_t>& work) {
    work.assign(mask.begin(), mask.end());
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x) {
            const double cx = double(x) + 0.5, cy = double(y) + 0.5;
            const double sx = map.a * cx + map.b * cy + map.c, sy = map.d * cx + map.e * cy + map.f;
            const bool inside = sx >= 0 && sx < double(width) && sy >= 0 && sy < double(height);
            mask[size_t(y * width + x)] = inside ? work[size_t(int64_t(sy) * width + int64_t(sx))] : outside;
        }
}

} // namespace ds
