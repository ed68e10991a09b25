#include "data/augment/colour.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ds {
namespace {

float clipped(double x) { return float(std::clamp(x, 0.0, 1.0)); }

int level(float x) { return int(std::lround(std::clamp(x, 0.0f, 1.0f) * 255)); }

int64_t plane_of(const ImageForm& form) { return form.height * form.width; }

/// Rec. 601 luma of pixel i.
double grey_at(std::span<const float> image, const ImageForm& form, int64_t i) {
    const int64_t n = plane_of(form);
    if (form.channels != 3) return image[size_t(i)];
    return 0.299 * image[size_t(i)] + 0.587 * image[size_t(n + i)] + 0.114 * image[size_t(2 * n + i)];
}

/// Red, green and blue with the hue turned; the greatest and least of them stay (HSV).
std::array<double, 3> turned(std::array<double, 3> c, double part) {
    const double top = *std::max_element(c.begin(), c.end()), span = top - *std::min_element(c.begin(), c.end());
    if (span == 0) return c;
    const double sector = top == c[0]   ? (c[1] - c[2]) / span
                          : top == c[1] ? 2 + (c[2] - c[0]) / span
                                        : 4 + (c[0] - c[1]) / span;
    const double hue = sector + 6 * part;
    for (int k = 0; k < 3; ++k) { // the distance from red, green, blue on the circle of six sectors
        double away = std::fmod(hue - 2 * k, 6);
        if (away < 0) away += 6;
        away = std::min(away, 6 - away);
        c[size_t(k)] = top - span * std::clamp(away - 1, 0.0, 1.0);
    }
    return c;
}

} // namespace

void brighten(std::span<float> image, double factor) {
    for (float& x : image) x = clipped(x * factor);
}

void change_contrast(std::span<float> image, const ImageForm& form, double factor) {
    double mean = 0;
    for (int64_t i = 0; i < plane_of(form); ++i) mean += grey_at(image, form, i);
    mean /= double(plane_of(form));
    for (float& x : image) x = clipped(mean + factor * (x - mean));
}

void saturate(std::span<float> image, const ImageForm& form, double factor) {
    if (form.channels != 3) return;
    const int64_t n = plane_of(form);
    for (int64_t i = 0; i < n; ++i) {
        const double grey = grey_at(image, form, i);
        for (int64_t c = 0; c < 3; ++c) {
            float& x = image[size_t(c * n + i)];
            x = clipped(grey + factor * (x - grey));
        }
    }
}

void turn_hue(std::span<float> image, const ImageForm& form, double part) {
    if (form.channels != 3) return;
    const size_t n = size_t(plane_of(form));
    for (size_t i = 0; i < n; ++i) {
        const auto c = turned({image[i], image[n + i], image[2 * n + i]}, part);
        for (size_t k = 0; k < 3; ++k) image[k * n + i] = float(c[k]);
    }
}

void sharpen(std::span<float> image, const ImageForm& form, double factor, std::vector<float>& work) {
    work.assign(image.begin(), image.end());
    const int64_t w = form.width;
    for (int64_t c = 0; c < form.channels; ++c)
        for (int64_t y = 1; y + 1 < form.height; ++y)
            for (int64_t x = 1; x + 1 < w; ++x) {
                const int64_t at = c * plane_of(form) + y * w + x;
                double sum = 4 * double(work[size_t(at)]);
                for (int64_t dy = -1; dy <= 1; ++dy)
                    for (int64_t dx = -1; dx <= 1; ++dx) sum += work[size_t(at + dy * w + dx)];
                const double smooth = sum / 13;
                image[size_t(at)] = clipped(smooth + factor * (work[size_t(at)] - smooth));
            }
}

void posterize(std::span<float> image, int bits) {
    const int mask = 0xff << (8 - bits) & 0xff;
    for (float& x : image) x = float(level(x) & mask) / 255;
}

void solarize(std::span<float> image, double threshold) {
    for (float& x : image)
        if (x >= threshold) x = 1 - x;
}

void stretch_contrast(std::span<float> image, const ImageForm& form) {
    const size_t n = size_t(plane_of(form));
    for (int64_t c = 0; c < form.channels; ++c) {
        const std::span<float> plane = image.subspan(size_t(c) * n, n);
        const auto [least, most] = std::minmax_element(plane.begin(), plane.end());
        const float low = *least, high = *most;
        if (high > low)
            for (float& x : plane) x = clipped((x - low) / (high - low));
    }
}

void equalize(std::span<float> image, const ImageForm& form) {
    const size_t n = size_t(plane_of(form));
    for (int64_t c = 0; c < form.channels; ++c) {
        const std::span<float> plane = image.subspan(size_t(c) * n, n);
        std::array<int64_t, 256> count{};
        for (float x : plane) ++count[size_t(level(x))];
        int64_t last = 0; // how many have the greatest level
        for (int64_t k : count)
            if (k > 0) last = k;
        const int64_t step = (int64_t(n) - last) / 255;
        if (step == 0) continue; // all the same, or too few to spread
        std::array<float, 256> to{};
        int64_t below = step / 2;
        for (size_t v = 0; v < 256; ++v) {
            to[v] = float(std::min<int64_t>(255, below / step)) / 255;
            below += count[v];
        }
        for (float& x : plane) x = to[size_t(level(x))];
    }
}

} // namespace ds
