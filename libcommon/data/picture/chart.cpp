#include "data/picture/chart.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/picture/axis.h"

namespace ds {
namespace {

constexpr Colour ink{0.15, 0.15, 0.18}, faint{0.88, 0.88, 0.9}, grey{0.45, 0.45, 0.5}, white{1, 1, 1};

struct Frame {
    double x, y, w, h;
    Axis across, up;
    double at_x(double v) const { return x + across.place(v) * w; }
    double at_y(double v) const { return y + h - up.place(v) * h; }
    bool holds(const std::pair<double, double>& point) const {
        return across.has_place(point.first) && up.has_place(point.second);
    }
};

/// The axes that hold all points of a panel.
Frame frame_of(const Panel& panel, const ChartStyle& style, double x, double y, double w, double h) {
    Frame frame{x, y, w, h, Axis(style.log_x), Axis(style.log_y)};
    for (const Line& line : panel.lines)
        for (const auto& point : line.points)
            if (frame.holds(point)) {
                frame.across.include(point.first);
                frame.up.include(point.second);
            }
    frame.up.widen(0.04);
    return frame;
}

void draw_axes(Canvas& canvas, const Frame& f, const std::string& title, const std::string& x_name) {
    for (const Tick& tick : f.up.ticks()) {
        canvas.line({{f.x, f.at_y(tick.value)}, {f.x + f.w, f.at_y(tick.value)}}, faint, 1);
        canvas.text(f.x - 6, f.at_y(tick.value) + 3.5, tick.text, 10, grey, Align::right);
    }
    for (const Tick& tick : f.across.ticks())
        canvas.text(f.at_x(tick.value), f.y + f.h + 15, tick.text, 10, grey, Align::centre);
    canvas.line({{f.x, f.y + f.h}, {f.x + f.w, f.y + f.h}}, grey, 1);
    canvas.text(f.x, f.y - 12, title, 13, ink, Align::left, true);
    canvas.text(f.x + f.w, f.y + f.h + 31, x_name, 10, grey, Align::right);
}

void draw_line(Canvas& canvas, const Frame& f, const Line& line) {
    std::vector<std::pair<double, double>> points;
    for (const auto& point : line.points)
        if (f.holds(point)) points.emplace_back(f.at_x(point.first), f.at_y(point.second));
    if (line.joined) canvas.line(points, line.colour, line.dots ? 1.5 : 1.8);
    if (line.dots || points.size() == 1)
        for (const auto& [x, y] : points) canvas.dot(x, y, line.joined ? 3 : 1.8, line.colour);
}

/// Names beside the title, from the right.
void name_lines(Canvas& canvas, const Frame& f, const Panel& panel) {
    double legend = f.x + f.w;
    for (size_t i = panel.lines.size(); i-- > 0;) {
        const Line& line = panel.lines[i];
        canvas.text(legend, f.y - 12, line.name, 10.5, line.colour, Align::right);
        legend -= canvas.text_width(line.name, 10.5) + 14;
    }
}

/// Where the names of a common legend stand, row by row.
struct Entry {
    const Line* line;
    double x, y; // from the legend's corner
};
constexpr double legend_row = 18, legend_size = 10.5, legend_mark = 22;

std::vector<Entry> lay_out_legend(const Panel& panel, double width, const std::string& path) {
    Canvas ruler(10, 10, path);
    std::vector<Entry> entries;
    double x = 0, y = 0;
    for (const Line& line : panel.lines) {
        const double needed = legend_mark + ruler.text_width(line.name, legend_size) + 18;
        if (x > 0 && x + needed > width) {
            x = 0;
            y += legend_row;
        }
        entries.push_back({&line, x, y});
        x += needed;
    }
    return entries;
}

void draw_legend(Canvas& canvas, const std::vector<Entry>& entries, double left, double top) {
    for (const Entry& e : entries) {
        const double x = left + e.x, y = top + e.y;
        canvas.line({{x, y - 3.5}, {x + legend_mark - 6, y - 3.5}}, e.line->colour, 2);
        canvas.text(x + legend_mark, y, e.line->name, legend_size, ink);
    }
}

/// White to a deep blue.
Colour shade(double share) { return {1 - 0.87 * share, 1 - 0.63 * share, 1 - 0.34 * share}; }

/// Written in the middle of `width`: smaller where it is long, and without its beginning where that is not enough.
void write_fitting(Canvas& canvas, double x, double y, std::string words, double size, double width, Colour colour) {
    while (size > 6 && canvas.text_width(words, size) > width) size -= 0.5;
    if (canvas.text_width(words, size) > width) {
        const auto inside = [&](size_t at) { return at < words.size() && (words[at] & 0xC0) == 0x80; }; // a character
        size_t from = 0;
        while (from < words.size() && (inside(from) || canvas.text_width("..." + words.substr(from), size) > width))
            ++from;
        words = "..." + words.substr(from);
    }
    canvas.text(x, y, words, size, colour, Align::centre);
}

} // namespace

void draw_lines(const std::vector<Panel>& panels, const std::string& x_name, const std::string& path,
                const ChartStyle& style) {
    constexpr double panel_width = 400, panel_height = 250, left = 58, right = 22, top = 44, bottom = 48;
    const double width = double(panels.size()) * (panel_width + left + right);
    std::vector<Entry> legend;
    if (style.legend_below && !panels.empty()) legend = lay_out_legend(panels[0], width - left - right, path);
    const double legend_height = legend.empty() ? 0 : legend.back().y + legend_row + 8;
    Canvas canvas(width, panel_height + top + bottom + legend_height, path);
    for (size_t i = 0; i < panels.size(); ++i) {
        const Panel& panel = panels[i];
        const Frame frame =
            frame_of(panel, style, double(i) * (panel_width + left + right) + left, top, panel_width, panel_height);
        draw_axes(canvas, frame, panel.title, panel.x_name.empty() ? x_name : panel.x_name);
        for (size_t k = panel.lines.size(); k-- > 0;) draw_line(canvas, frame, panel.lines[k]);
        if (!style.legend_below) name_lines(canvas, frame, panel);
    }
    draw_legend(canvas, legend, left, top + panel_height + bottom + 8);
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

void draw_grid(const std::vector<Tile>& tiles, int64_t columns, const std::string& path, double side) {
    if (tiles.empty() || columns < 1) fail(Exit::usage, "{}: there is nothing to draw", path);
    constexpr double gap = 8;
    const double caption = std::ranges::any_of(tiles, [](const Tile& tile) { return !tile.name.empty(); }) ? 30 : 18;
    const int64_t rows = (int64_t(tiles.size()) + columns - 1) / columns;
    Canvas canvas(double(columns) * (side + gap) + gap, double(rows) * (side + caption + gap) + gap, path);
    for (size_t i = 0; i < tiles.size(); ++i) {
        const Tile& tile = tiles[i];
        if (tile.image.pixels.empty()) continue;
        const double x = gap + double(int64_t(i) % columns) * (side + gap),
                     y = gap + double(int64_t(i) / columns) * (side + caption + gap);
        const double scale = side / double(std::max(tile.image.height, tile.image.width));
        const double w = double(tile.image.width) * scale, h = double(tile.image.height) * scale;
        canvas.image(tile.image, x + (side - w) / 2, y + (side - h) / 2, w, h);
        canvas.frame(x - 0.5, y - 0.5, side + 1, side + 1, tile.colour, 1);
        write_fitting(canvas, x + side / 2, y + side + 12, tile.caption, 10, side + gap - 2, tile.colour);
        if (!tile.name.empty()) write_fitting(canvas, x + side / 2, y + side + 24, tile.name, 8, side + gap - 2, grey);
    }
    canvas.save();
}

} // namespace ds
