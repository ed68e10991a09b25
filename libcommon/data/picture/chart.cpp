#include "data/picture/chart.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace ds {
namespace {

constexpr Colour ink{0.15, 0.15, 0.18}, faint{0.88, 0.88, 0.9}, grey{0.45, 0.45, 0.5}, white{1, 1, 1};

struct Range {
    double low = 0, high = 1;
    void include(double x) {
        low = std::min(low, x);
        high = std::max(high, x);
    }
};

Range range_of(const Panel& panel, bool of_x) {
    Range range{INFINITY, -INFINITY};
    for (const Line& line : panel.lines)
        for (const auto& [x, y] : line.points)
            if (std::isfinite(y)) range.include(of_x ? x : y);
    if (!(range.low <= range.high)) return {0, 1};
    if (range.low == range.high) return {range.low - 0.5, range.high + 0.5};
    return range;
}

/// A step of 1, 2 or 5 times a power of ten that cuts the range into about five.
double tick_step(const Range& range) {
    const double raw = (range.high - range.low) / 5, power = std::pow(10, std::floor(std::log10(raw)));
    for (double factor : {1.0, 2.0, 5.0})
        if (raw <= factor * power) return factor * power;
    return 10 * power;
}

std::string tick_text(double value, double step) {
    const int digits = std::max(0, int(-std::floor(std::log10(step) + 1e-9)));
    return fmt::format("{:.{}f}", std::abs(value) < step * 1e-6 ? 0.0 : value, digits);
}

struct Frame {
    double x, y, w, h;
    Range across, up;
    double at_x(double v) const { return x + (v - across.low) / (across.high - across.low) * w; }
    double at_y(double v) const { return y + h - (v - up.low) / (up.high - up.low) * h; }
};

void draw_axes(Canvas& canvas, const Frame& f, const std::string& title, const std::string& x_name) {
    const double up = tick_step(f.up), across = tick_step(f.across);
    for (double v = std::ceil(f.up.low / up) * up; v <= f.up.high + up * 1e-9; v += up) {
        canvas.line({{f.x, f.at_y(v)}, {f.x + f.w, f.at_y(v)}}, faint, 1);
        canvas.text(f.x - 6, f.at_y(v) + 3.5, tick_text(v, up), 10, grey, Align::right);
    }
    for (double v = std::ceil(f.across.low / across) * across; v <= f.across.high + across * 1e-9; v += across)
        canvas.text(f.at_x(v), f.y + f.h + 15, tick_text(v, across), 10, grey, Align::centre);
    canvas.line({{f.x, f.y + f.h}, {f.x + f.w, f.y + f.h}}, grey, 1);
    canvas.text(f.x, f.y - 12, title, 13, ink, Align::left, true);
    canvas.text(f.x + f.w, f.y + f.h + 31, x_name, 10, grey, Align::right);
}

void draw_panel(Canvas& canvas, const Frame& f, const Panel& panel, const std::string& x_name) {
    draw_axes(canvas, f, panel.title, x_name);
    double legend = f.x + f.w;
    for (size_t i = panel.lines.size(); i-- > 0;) {
        const Line& line = panel.lines[i];
        std::vector<std::pair<double, double>> points;
        for (const auto& [x, y] : line.points)
            if (std::isfinite(y)) points.emplace_back(f.at_x(x), f.at_y(y));
        canvas.line(points, line.colour, line.dots ? 1.5 : 1.8);
        if (line.dots)
            for (const auto& [x, y] : points) canvas.dot(x, y, 3, line.colour);
        canvas.text(legend, f.y - 12, line.name, 10.5, line.colour, Align::right);
        legend -= canvas.text_width(line.name, 10.5) + 14;
    }
}

/// White to a deep blue.
Colour shade(double share) { return {1 - 0.87 * share, 1 - 0.63 * share, 1 - 0.34 * share}; }

} // namespace

void draw_lines(const std::vector<Panel>& panels, const std::string& x_name, const std::string& path) {
    constexpr double panel_width = 400, panel_height = 250, left = 58, right = 22, top = 44, bottom = 48;
    Canvas canvas(double(panels.size()) * (panel_width + left + right), panel_height + top + bottom, path);
    for (size_t i = 0; i < panels.size(); ++i) {
        Range up = range_of(panels[i], false);
        const double margin = 0.04 * (up.high - up.low);
        up = {up.low - margin, up.high + margin};
        const Frame frame{double(i) * (panel_width + left + right) + left,
                          top,
                          panel_width,
                          panel_height,
                          range_of(panels[i], true),
                          up};
        draw_panel(canvas, frame, panels[i], panels[i].x_name.empty() ? x_name : panels[i].x_name);
    }
    canvas.save();
}

void draw_heat_map(const std::vector<int64_t>& counts, const std::vector<std::string>& names,
                   const std::string& row_title, const std::string& column_title, const std::string& path) {
    const size_t n = names.size();
    const bool numbers = n <= 30;
    const double cell = n <= 12 ? 46 : n <= 30 ? 34 : std::max(4.0, 900.0 / double(n));
    const double size = n <= 30 ? 11 : std::min(11.0, cell * 0.9);
    double label = 20;
    {
        Canvas ruler(10, 10, path);
        for (const std::string& name : names) label = std::max(label, ruler.text_width(name, size));
    }
    const double left = label + 40, top = 24, bottom = label + 40, side = cell * double(n);
    Canvas canvas(left + side + 24, top + side + bottom, path);
    for (size_t r = 0; r < n; ++r) {
        int64_t total = 0;
        for (size_t c = 0; c < n; ++c) total += counts[r * n + c];
        for (size_t c = 0; c < n; ++c) {
            const double share = total ? double(counts[r * n + c]) / double(total) : 0;
            const double x = left + double(c) * cell, y = top + double(r) * cell;
            canvas.rectangle(x, y, cell - 1, cell - 1, shade(std::sqrt(share)));
            if (numbers && counts[r * n + c] > 0)
                canvas.text(x + cell / 2, y + cell / 2 + 4, std::to_string(counts[r * n + c]), n <= 12 ? 11 : 9,
                            share > 0.25 ? white : ink, Align::centre);
        }
        if (cell < 7) continue; // too many classes to name them
        canvas.text(left - 8, top + double(r) * cell + cell / 2 + 4, names[r], size, ink, Align::right);
        canvas.text_upwards(left + double(r) * cell + cell / 2 + 4, top + side + 8, names[r], size, ink, Align::right);
    }
    canvas.text_upwards(16, top + side / 2, row_title, 12, grey, Align::centre);
    canvas.text(left + side / 2, top + side + bottom - 10, column_title, 12, grey, Align::centre);
    canvas.save();
}

void draw_grid(const std::vector<Tile>& tiles, int64_t columns, const std::string& path) {
    if (tiles.empty() || columns < 1) fail(Exit::usage, "{}: there is nothing to draw", path);
    constexpr double side = 84, caption = 18, gap = 8;
    const int64_t rows = (int64_t(tiles.size()) + columns - 1) / columns;
    Canvas canvas(double(columns) * (side + gap) + gap, double(rows) * (side + caption + gap) + gap, path);
    for (size_t i = 0; i < tiles.size(); ++i) {
        const Tile& tile = tiles[i];
        const double x = gap + double(int64_t(i) % columns) * (side + gap),
                     y = gap + double(int64_t(i) / columns) * (side + caption + gap);
        const double scale = side / double(std::max(tile.image.height, tile.image.width));
        const double w = double(tile.image.width) * scale, h = double(tile.image.height) * scale;
        canvas.image(tile.image, x + (side - w) / 2, y + (side - h) / 2, w, h);
        canvas.frame(x - 0.5, y - 0.5, side + 1, side + 1, tile.colour, 1);
        double size = 10; // smaller where the words are long
        while (size > 6 && canvas.text_width(tile.caption, size) > side + gap - 2) size -= 0.5;
        canvas.text(x + side / 2, y + side + 12, tile.caption, size, tile.colour, Align::centre);
    }
    canvas.save();
}

} // namespace ds
