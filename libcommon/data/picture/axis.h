// An axis of a chart: what it spans, linear or logarithmic, and where its ticks stand.
#pragma once

#include <cmath>
#include <string>
#include <vector>

namespace ds {

struct Tick {
    double value = 0;
    std::string text; // empty: a line without a number
};

class Axis {
public:
    explicit Axis(bool logarithmic = false) : log_(logarithmic) {}
    /// Whether the value has a place: finite and, on a logarithmic axis, above 0.
    bool has_place(double value) const { return std::isfinite(value) && (!log_ || value > 0); }
    void include(double value); // what has no place is left out
    /// Room beyond both ends, as a part of the length.
    void widen(double part);
    /// 0 at the low end, 1 at the high one. An axis that nothing was included in spans 0 to 1 (1 to 10).
    double place(double value) const;
    /// About five; on a logarithmic axis the powers of ten, and 2 and 5 times them where there are few.
    std::vector<Tick> ticks() const;

private:
    double measure(double value) const { return log_ ? std::log10(value) : value; }
    double low() const { return low_ < high_ ? low_ : low_ == high_ ? low_ - 0.5 : 0; }
    double high() const { return low_ < high_ ? high_ : low_ == high_ ? high_ + 0.5 : 1; }
    std::vector<Tick> linear_ticks() const;
    std::vector<Tick> log_ticks() const;

    bool log_;
    double low_ = INFINITY, high_ = -INFINITY; // of measure()
};

} // namespace ds
