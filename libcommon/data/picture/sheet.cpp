#include "data/picture/sheet.h"

#include <algorithm>

#include "base/error.h"

namespace ds {
namespace {

constexpr Colour ink{0.15, 0.15, 0.18}, faint{0.88, 0.88, 0.9}, grey{0.45, 0.45, 0.5}, lacking{0.72, 0.72, 0.75};
constexpr Colour input_bars{0.26, 0.47, 0.7}, target_bars{0.83, 0.44, 0.16};
constexpr double width = 240, height = 150, gap = 22; // of a chart, and between two
constexpr double head = 22, foot = 16;                // for its title, and what stands below the bins

/// Cut at the end where it is longer than its room; whole characters stay.
std::string cut(Canvas& canvas, std::string words, double size, double room) {
    if (canvas.text_width(words, size) <= room) return words;
    while (!words.empty() && canvas.text_width(words + "...", size) > room) {
        while (words.size() > 1 && (words.back() & 0xC0) == 0x80) words.pop_back();
        words.pop_back();
    }
    return words + "...";
}

class ChartOfCounts {
public:
    ChartOfCounts(Canvas& canvas, const CountChart& chart, double x, double y)
        : canvas_(canvas), chart_(chart), x_(x), y_(y), bars_(chart.is_target ? target_bars : input_bars) {}

    void draw() {
        const double note = canvas_.text_width(chart_.note, 9);
        canvas_.text(x_, y_ + 12, cut(canvas_, chart_.title, 11, width - note - 8), 11, ink, Align::left, true);
        canvas_.text(x_ + width, y_ + 12, chart_.note, 9, grey, Align::right);
        for (size_t i = 0; i < chart_.words.size(); ++i)
            canvas_.text(x_, y_ + head + 14 + double(i) * 14, cut(canvas_, chart_.words[i], 10, width), 10, grey);
        if (!chart_.names.empty()) draw_names();
        else if (!chart_.counts.empty() || chart_.missing > 0) draw_bins();
    }

private:
    int64_t most() const {
        const int64_t bins = chart_.counts.empty() ? 0 : std::ranges::max(chart_.counts);
        return std::max<int64_t>({1, bins, chart_.missing});
    }

    /// What is missing stands apart, at the right, in the same measure.
    void draw_bins() {
        const double bottom = y_ + height - foot, tall = height - head - foot;
        const double aside = chart_.missing > 0 ? 30 : 0, wide = width - aside;
        const double step = wide / double(std::max<size_t>(1, chart_.counts.size()));
        for (size_t i = 0; i < chart_.counts.size(); ++i)
            bar(x_ + double(i) * step, bottom, std::clamp(step - 1, 1.0, 60.0), tall, chart_.counts[i], bars_);
        if (chart_.missing > 0) {
            bar(x_ + wide + 12, bottom, 16, tall, chart_.missing, lacking);
            canvas_.text(x_ + width - 1, bottom + 11, "missing", 8, grey, Align::right);
        }
        canvas_.line({{x_, bottom + 0.5}, {x_ + width, bottom + 0.5}}, faint, 1);
        canvas_.text(x_, bottom + 11, chart_.least, 9, grey);
        canvas_.text(x_ + wide - (aside > 0 ? 12 : 0), bottom + 11, chart_.greatest, 9, grey, Align::right);
        canvas_.text(x_, y_ + head + 2, std::to_string(most()), 8, grey);
    }
    /// Something that is there is seen, however little it is.
    void bar(double x, double bottom, double wide, double tall, int64_t count, Colour colour) {
        if (count == 0) return;
        const double high = std::max(1.0, (tall - 8) * double(count) / double(most()));
        canvas_.rectangle(x, bottom - high, wide, high, colour);
    }

    void draw_names() {
        const double room = 90, wide = width - room - 40;
        const double step = std::min(18.0, (height - head) / double(chart_.names.size()));
        for (size_t i = 0; i < chart_.names.size(); ++i) {
            const double y = y_ + head + double(i) * step, size = std::min(9.0, step * 0.8);
            canvas_.text(x_ + room - 6, y + step / 2 + size / 3, cut(canvas_, chart_.names[i], size, room - 6), size,
                         ink, Align::right);
            const double length = wide * double(chart_.counts[i]) / double(most());
            if (chart_.counts[i] > 0) canvas_.rectangle(x_ + room, y + 1, std::max(1.0, length), step - 2, bars_);
            canvas_.text(x_ + room + length + 4, y + step / 2 + size / 3, std::to_string(chart_.counts[i]), size, grey);
        }
    }

    Canvas& canvas_;
    const CountChart& chart_;
    double x_, y_;
    Colour bars_;
};

} // namespace

void draw_sheet(const std::vector<CountChart>& charts, int64_t across, const std::string& path) {
    if (charts.empty()) fail(Exit::usage, "{}: there is nothing to draw", path);
    across = std::min<int64_t>(across, int64_t(charts.size()));
    const int64_t down = (int64_t(charts.size()) + across - 1) / across;
    Canvas canvas(double(across) * (width + gap) + gap, double(down) * (height + gap) + gap, path);
    for (size_t i = 0; i < charts.size(); ++i)
        ChartOfCounts(canvas, charts[i], gap + double(int64_t(i) % across) * (width + gap),
                      gap + double(int64_t(i) / across) * (height + gap))
            .draw();
    canvas.save();
}

} // namespace ds
