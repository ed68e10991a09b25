#include "data/augment/augment.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/rng.h"
#include "data/augment/colour.h"
#include "data/augment/geometry.h"
#include "data/augment/randaugment.h"

namespace ds {
namespace {

rng::Sequence draws_of(uint64_t seed, int64_t epoch, int64_t sample, Draws who) {
    return {seed, rng::Stream::augment, uint32_t(epoch),
            uint64_t{1} << 63 | uint64_t(sample) << 8 | uint64_t(who) << 4};
}

double between(rng::Sequence& random, double low, double high) { return low + random.uniform() * (high - low); }

struct Shift {
    int64_t top, left; // of the source in the result's coordinates
    bool flip;
};

void shift_and_flip(std::span<float> image, const ImageForm& form, const Shift& s, std::vector<float>& work) {
    work.assign(image.begin(), image.end());
    const int64_t height = form.height, width = form.width;
    for (int64_t c = 0; c < form.channels; ++c)
        for (int64_t y = 0; y < height; ++y)
            for (int64_t x = 0; x < width; ++x) {
                const int64_t row = y + s.top, column = (s.flip ? width - 1 - x : x) + s.left;
                const bool inside = row >= 0 && row < height && column >= 0 && column < width;
                image[size_t((c * height + y) * width + x)] =
                    inside ? work[size_t((c * height + row) * width + column)] : form.black(c);
            }
}

struct Box {
    int64_t top, left, bottom, right;
};

void paint(std::span<float> image, const ImageForm& form, const Box& box, bool black) {
    for (int64_t c = 0; c < form.channels; ++c)
        for (int64_t y = std::max<int64_t>(0, box.top); y < std::min(form.height, box.bottom); ++y)
            for (int64_t x = std::max<int64_t>(0, box.left); x < std::min(form.width, box.right); ++x)
                image[size_t((c * form.height + y) * form.width + x)] = black ? form.black(c) : 0;
}

/// A window of a drawn area and proportion that lies within `height` x `width`, as sides; false where ten drawn ones
/// are too large.
bool draw_sides(rng::Sequence& random, double least, double most, double ratio, double height, double width, double& h,
                double& w) {
    for (int i = 0; i < 10; ++i) {
        const double area = between(random, least, most) * height * width;
        const double proportion = std::exp(between(random, -std::log(ratio), std::log(ratio)));
        w = std::sqrt(area * proportion), h = std::sqrt(area / proportion);
        if (w <= width && h <= height) return true;
    }
    return false;
}

/// From the whole size to a drawn window.
Affine window_map(rng::Sequence random, double least, const ImageForm& form) {
    const double height = double(form.height), width = double(form.width);
    double h = height, w = width;
    if (!draw_sides(random, least, 1, 4.0 / 3, height, width, h, w)) return {};
    const double top = random.uniform() * (height - h), left = random.uniform() * (width - w);
    return {w / width, 0, left, 0, h / height, top};
}

Affine turn_map(rng::Sequence random, const Augmentation& how, const ImageForm& form) {
    const double angle = between(random, -how.rotate, how.rotate) * std::numbers::pi / 180,
                 size = 1 / between(random, 1 - how.scale, 1 + how.scale);
    return about_middle(
        {size * std::cos(angle), size * std::sin(angle), 0, -size * std::sin(angle), size * std::cos(angle), 0}, form);
}

void jitter(std::span<float> image, const ImageForm& form, const Augmentation& how, rng::Sequence random) {
    const double x = how.color_jitter;
    const double brightness = between(random, 1 - x, 1 + x), contrast = between(random, 1 - x, 1 + x),
                 saturation = between(random, 1 - x, 1 + x), hue = between(random, -how.hue, how.hue);
    if (x > 0) {
        brighten(image, brightness);
        change_contrast(image, form, contrast);
        saturate(image, form, saturation);
    }
    if (how.hue > 0) turn_hue(image, form, hue);
}

void erase(std::span<float> image, const ImageForm& form, double probability, rng::Sequence random) {
    double h = 0, w = 0;
    if (random.uniform() >= probability) return;
    if (!draw_sides(random, 0.02, 0.33, 3.3, double(form.height), double(form.width), h, w)) return;
    const int64_t rows = std::max<int64_t>(1, std::lround(h)), columns = std::max<int64_t>(1, std::lround(w));
    const int64_t top = int64_t(random.below(uint64_t(std::max<int64_t>(1, form.height - rows + 1)))),
                  left = int64_t(random.below(uint64_t(std::max<int64_t>(1, form.width - columns + 1))));
    paint(image, form, {top, left, top + rows, left + columns}, false);
}

/// Elements to pixels of 0 to 1, or back.
void standardise(std::span<float> image, const ImageForm& form, bool back) {
    if (form.mean.empty()) return;
    const size_t n = size_t(form.height * form.width);
    for (size_t c = 0; c < size_t(form.channels); ++c)
        for (float& x : image.subspan(c * n, n))
            x = back ? float((x - form.mean[c]) / form.std[c]) : float(x * form.std[c] + form.mean[c]);
}

/// How a sample is moved, and where its cut-out lies.
struct Movement {
    bool resamples = false;
    Affine map;  // where it resamples
    Shift shift; // else
    int64_t y = 0, x = 0;
    bool shifts() const { return !resamples && (shift.flip || shift.top != 0 || shift.left != 0); }
};

Movement draw_movement(const ImageForm& form, const Augmentation& how, uint64_t seed, int64_t epoch, int64_t sample) {
    const auto draws = [&](Draws who) { return draws_of(seed, epoch, sample, who); };
    rng::Sequence random(seed, rng::Stream::augment, uint32_t(epoch), uint64_t(sample) << 4);
    Movement m;
    m.shift.flip = random.below(2) != 0 && how.flip;
    m.shift.top = int64_t(random.below(uint64_t(2 * how.crop + 1))) - how.crop;
    m.shift.left = int64_t(random.below(uint64_t(2 * how.crop + 1))) - how.crop;
    m.y = int64_t(random.below(uint64_t(form.height)));
    m.x = int64_t(random.below(uint64_t(form.width)));
    m.resamples = how.resamples();
    if (!m.resamples) return m;
    m.map = shifted(double(m.shift.left), double(m.shift.top));
    if (m.shift.flip) m.map = m.map * Affine{-1, 0, double(form.width), 0, 1, 0};
    if (how.rotate > 0 || how.scale > 0) m.map = turn_map(draws(Draws::turn), how, form) * m.map;
    if (how.resized_crop > 0) m.map = window_map(draws(Draws::window), how.resized_crop, form) * m.map;
    return m;
}

} // namespace

void augment(std::span<float> image, const ImageForm& form, const Augmentation& how, uint64_t seed, int64_t epoch,
             int64_t sample, std::vector<float>& work) {
    const auto draws = [&](Draws who) { return draws_of(seed, epoch, sample, who); };
    const Movement movement = draw_movement(form, how, seed, epoch, sample);
    if (movement.resamples) move_pixels(image, form, movement.map, work);
    else if (movement.shifts()) shift_and_flip(image, form, movement.shift, work);
    if (how.recolours()) {
        const ImageForm pixels{form.channels, form.height, form.width, {}, {}};
        standardise(image, form, false);
        jitter(image, pixels, how, draws(Draws::colours));
        rng::Sequence operations = draws(Draws::operations);
        rand_augment(image, pixels, how.randaugment, how.magnitude, operations, work);
        standardise(image, form, true);
    }
    if (how.cutout > 0) {
        const int64_t from_y = movement.y - how.cutout / 2, from_x = movement.x - how.cutout / 2;
        paint(image, form, {from_y, from_x, from_y + how.cutout, from_x + how.cutout}, true);
    }
    if (how.erase > 0) erase(image, form, how.erase, draws(Draws::erase));
}

void augment_mask(std::span<int32_t> mask, int64_t height, int64_t width, int32_t outside, const Augmentation& how,
                  uint64_t seed, int64_t epoch, int64_t sample, std::vector<int32_t>& work) {
    const Movement m = draw_movement({1, height, width, {}, {}}, how, seed, epoch, sample);
    if (m.resamples) return move_classes(mask, height, width, outside, m.map, work);
    if (!m.shifts()) return;
    Affine map = shifted(double(m.shift.left), double(m.shift.top));
    if (m.shift.flip) map = map * Affine{-1, 0, double(width), 0, 1, 0};
    move_classes(mask, height, width, outside, map, work);
}

} // namespace ds
