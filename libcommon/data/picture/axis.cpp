#include "data/picture/axis.h"

#include <algorithm>
#include <fmt/format.h>

namespace ds {
namespace {

/// A step of 1, 2 or 5 times a power of ten that cuts the length into about five.
double tick_step(double length) {
    const double raw = length / 5, power = std::pow(10, std::floor(std::log10(raw)));
    for (double factor : {1.0, 2.0, 5.0})
        if (raw <= factor * power) return factor * power;
    return 10 * power;
}

std::string tick_text(double value, double step) {
    const int digits = std::max(0, int(-std::floor(std::log10(step) + 1e-9)));
    return fmt::format("{:.{}f}", std::abs(value) < step * 1e-6 ? 0.0 : value, digits);
}

} // namespace

void Axis::include(double value) {
    if (!has_place(value)) return;
    low_ = std::min(low_, measure(value));
    high_ = std::max(high_, measure(value));
}

void Axis::widen(double part) {
    const double from = low(), to = high(), margin = part * (to - from);
    low_ = from - margin;
    high_ = to + margin;
}

double Axis::place(double value) const { return (measure(value) - low()) / (high() - low()); }

std::vector<Tick> Axis::ticks() const { return log_ ? log_ticks() : linear_ticks(); }

std::vector<Tick> Axis::linear_ticks() const {
    constexpr int most = 20; // where the ends are neighbours among doubles, a step changes nothing
    const double step = tick_step(high() - low()), first = std::ceil(low() / step) * step;
    std::vector<Tick> ticks;
    for (int i = 0; i < most && first + i * step <= high() + step * 1e-9; ++i)
        ticks.push_back({first + i * step, tick_text(first + i * step, step)});
    return ticks;
}

std::vector<Tick> Axis::log_ticks() const {
    const double decades = high() - low();
    const int every = std::max(1, int(std::ceil(decades / 8)));
    const std::vector<double> factors = decades > 3 ? std::vector{1.0} : std::vector{1.0, 2.0, 5.0};
    std::vector<Tick> ticks;
    for (int power = int(std::floor(low())); power <= int(std::ceil(high())); ++power)
        for (const double factor : factors) {
            const double value = factor * std::pow(10, power), at = std::log10(value);
            if (power % every != 0 || at < low() - 1e-9 || at > high() + 1e-9) continue;
            ticks.push_back({value, fmt::format("{:g}", value)});
        }
    if (ticks.size() >= 2) return ticks;
    ticks = linear_ticks(); // less than a decade, between two ticks: even steps of the exponent
    for (Tick& tick : ticks) tick = {std::pow(10, tick.value), fmt::format("{:.3g}", std::pow(10, tick.value))};
    return ticks;
}

} // namespace ds
