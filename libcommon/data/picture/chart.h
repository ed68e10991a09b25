// Charts: lines over a common axis, a heat map of counts, a grid of captioned images.
#pragma once

#include <string>
#include <vector>

#include "data/picture/canvas.h"

namespace ds {

struct Line {
    std::string name;
    std::vector<std::pair<double, double>> points; // NaN are left out
    Colour colour;
    bool dots = false;  // marks on the points
    bool joined = true; // by a line
};

/// One panel of a chart: lines that share a y axis.
struct Panel {
    std::string title;
    std::vector<Line> lines;
    std::string x_name = {}; // where it is not that of all panels
};

struct ChartStyle {
    bool log_x = false, log_y = false; // values of 0 and below are left out then
    bool legend_below = false;         // one for all panels, whose lines have the same names; else beside each title
};

/// Panels side by side.
void draw_lines(const std::vector<Panel>& panels, const std::string& x_name, const std::string& path,
                const ChartStyle& style = {});

/// counts[row][column], rows named at the left (true), columns below (predicted); each row is shaded by its share.
void draw_heat_map(const std::vector<int64_t>& counts, const std::vector<std::string>& names,
                   const std::string& row_title, const std::string& column_title, const std::string& path);

struct Tile {
    Image image;
    std::string caption;
    std::string name{};           // small below it; may be empty
    Colour colour{0.2, 0.2, 0.2}; // of the caption
};
/// `side`: of a tile, in points. A tile without an image is left out.
void draw_grid(const std::vector<Tile>& tiles, int64_t columns, const std::string& path, double side = 84);

} // namespace ds
