// How a slot's elements start, as rows: names, what the number in brackets means, and the distribution. Fan-in is the
// number of inputs of one output element (the product of all axes of a weight but the first), fan-out that of outputs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ds {

struct InitRow {
    enum class Argument : uint8_t { none, optional, required };
    enum class Draw : uint8_t { constant, normal, uniform }; // the scale is the value, the deviation, the bound
    std::string_view name;
    Argument argument;
    std::string_view argument_name; // as in constant(VALUE)
    std::string_view doc;
    Draw draw;
    double (*scale)(double argument, double fan_in, double fan_out);
};

std::span<const InitRow> init_rows();
/// Null for an unknown name.
const InitRow* find_init(std::string_view name);

} // namespace ds
