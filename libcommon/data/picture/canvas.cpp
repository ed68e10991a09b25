#include "data/picture/canvas.h"

#include <cairo-svg.h>
#include <cairo.h>

#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"

namespace ds {

struct Canvas::Impl {
    std::string path, bytes;
    bool is_svg = false;
    cairo_surface_t* surface = nullptr;
    cairo_t* context = nullptr;

    static cairo_status_t append(void* to, const unsigned char* data, unsigned length) {
        static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
        return CAIRO_STATUS_SUCCESS;
    }
    void colour(Colour c) const { cairo_set_source_rgb(context, c.r, c.g, c.b); }
    void font(double size, bool bold) const {
        cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                               bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(context, size);
    }
    double width_of(const std::string& words) const {
        cairo_text_extents_t extents;
        cairo_text_extents(context, words.c_str(), &extents);
        return extents.x_advance;
    }
};

Canvas::Canvas(double width, double height, const std::string& path) : impl_(std::make_unique<Impl>()) {
    impl_->path = path;
    impl_->is_svg = path.ends_with(".svg");
    if (!impl_->is_svg && !path.ends_with(".png")) fail(Exit::usage, "{}: pictures are written as .png or .svg", path);
    constexpr double scale = 2; // pixels a point, for sharp text
    impl_->surface = impl_->is_svg ? cairo_svg_surface_create_for_stream(Impl::append, &impl_->bytes, width, height)
                                   : cairo_image_surface_create(CAIRO_FORMAT_RGB24, int(std::ceil(width * scale)),
                                                                int(std::ceil(height * scale)));
    impl_->context = cairo_create(impl_->surface);
    if (cairo_status(impl_->context) != CAIRO_STATUS_SUCCESS)
        fail(Exit::io, "{}: a picture of {} x {} points is too large", path, width, height);
    if (!impl_->is_svg) cairo_scale(impl_->context, scale, scale);
    rectangle(0, 0, width, height, {1, 1, 1});
}

Canvas::~Canvas() {
    cairo_destroy(impl_->context);
    cairo_surface_destroy(impl_->surface);
}

void Canvas::rectangle(double x, double y, double w, double h, Colour fill) {
    impl_->colour(fill);
    cairo_rectangle(impl_->context, x, y, w, h);
    cairo_fill(impl_->context);
}

void Canvas::frame(double x, double y, double w, double h, Colour line, double thickness) {
    impl_->colour(line);
    cairo_set_line_width(impl_->context, thickness);
    cairo_rectangle(impl_->context, x, y, w, h);
    cairo_stroke(impl_->context);
}

void Canvas::line(const std::vector<std::pair<double, double>>& points, Colour colour, double thickness) {
    impl_->colour(colour);
    cairo_set_line_width(impl_->context, thickness);
    cairo_set_line_join(impl_->context, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < points.size(); ++i)
        i ? cairo_line_to(impl_->context, points[i].first, points[i].second)
          : cairo_move_to(impl_->context, points[i].first, points[i].second);
    cairo_stroke(impl_->context);
}

void Canvas::dot(double x, double y, double radius, Colour colour) {
    impl_->colour(colour);
    cairo_arc(impl_->context, x, y, radius, 0, 2 * M_PI);
    cairo_fill(impl_->context);
}

void Canvas::text(double x, double y, const std::string& words, double size, Colour colour, Align align, bool bold) {
    impl_->colour(colour);
    impl_->font(size, bold);
    const double width = impl_->width_of(words);
    cairo_move_to(impl_->context, align == Align::left ? x : align == Align::right ? x - width : x - width / 2, y);
    cairo_show_text(impl_->context, words.c_str());
}

void Canvas::text_upwards(double x, double y, const std::string& words, double size, Colour colour, Align align) {
    cairo_save(impl_->context);
    cairo_translate(impl_->context, x, y);
    cairo_rotate(impl_->context, -M_PI / 2);
    text(0, 0, words, size, colour, align);
    cairo_restore(impl_->context);
}

double Canvas::text_width(const std::string& words, double size) {
    impl_->font(size, false);
    return impl_->width_of(words);
}

void Canvas::image(const Image& image, double x, double y, double w, double h) {
    cairo_surface_t* pixels = cairo_image_surface_create(CAIRO_FORMAT_RGB24, int(image.width), int(image.height));
    unsigned char* data = cairo_image_surface_get_data(pixels);
    const int stride = cairo_image_surface_get_stride(pixels);
    const int64_t n = image.height * image.width;
    for (int64_t i = 0; i < n; ++i) {
        auto* at = reinterpret_cast<uint32_t*>(data + i / image.width * stride) + i % image.width;
        const uint32_t r = image.pixels[size_t(i)], g = image.channels == 3 ? image.pixels[size_t(n + i)] : r,
                       b = image.channels == 3 ? image.pixels[size_t(2 * n + i)] : r;
        *at = r << 16 | g << 8 | b;
    }
    cairo_surface_mark_dirty(pixels);
    cairo_save(impl_->context);
    cairo_translate(impl_->context, x, y);
    cairo_scale(impl_->context, w / double(image.width), h / double(image.height));
    cairo_set_source_surface(impl_->context, pixels, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(impl_->context), CAIRO_FILTER_NEAREST);
    cairo_paint(impl_->context);
    cairo_restore(impl_->context);
    cairo_surface_destroy(pixels);
}

void Canvas::save() {
    cairo_show_page(impl_->context);
    if (impl_->is_svg) cairo_surface_finish(impl_->surface);
    else cairo_surface_write_to_png_stream(impl_->surface, Impl::append, &impl_->bytes);
    if (cairo_surface_status(impl_->surface) != CAIRO_STATUS_SUCCESS && !impl_->is_svg)
        bug("Cairo: {}", cairo_status_to_string(cairo_surface_status(impl_->surface)));
    write_file(impl_->path, impl_->bytes);
}

} // namespace ds
