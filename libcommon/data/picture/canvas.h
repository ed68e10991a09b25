// A drawing surface that becomes a PNG or an SVG by the path's ending (Cairo is confined to canvas.cpp).
// Units are points of the picture, y downwards.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/picture/image.h"

namespace ds {

struct Colour {
    double r = 0, g = 0, b = 0;
};

enum class Align { left, centre, right };

class Canvas {
public:
    Canvas(double width, double height, const std::string& path); // Error(usage): neither .png nor .svg
    ~Canvas();
    void rectangle(double x, double y, double w, double h, Colour fill);
    void frame(double x, double y, double w, double h, Colour line, double thickness);
    void line(const std::vector<std::pair<double, double>>& points, Colour colour, double thickness);
    void dot(double x, double y, double radius, Colour colour);
    void text(double x, double y, const std::string& words, double size, Colour colour, Align align = Align::left,
              bool bold = false);
    /// Text turned a quarter to the left around its anchor.
    void text_upwards(double x, double y, const std::string& words, double size, Colour colour, Align align);
    double text_width(const std::string& words, double size);
    void image(const Image& image, double x, double y, double w, double h); // pixels stay squares
    /// Writes the file, atomically.
    void save();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace ds
