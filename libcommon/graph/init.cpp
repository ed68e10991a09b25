#include "graph/init.h"

#include <cmath>

namespace ds {

std::span<const InitRow> init_rows() {
    using enum InitRow::Argument;
    using enum InitRow::Draw;
    static const InitRow rows[] = {
        {"zeros", none, "", "0", constant, [](double, double, double) { return 0.0; }},
        {"ones", none, "", "1", constant, [](double, double, double) { return 1.0; }},
        {"constant", required, "VALUE", "VALUE", constant, [](double a, double, double) { return a; }},
        {"normal", required, "DEVIATION", "normal with mean 0", normal, [](double a, double, double) { return a; }},
        {"uniform", required, "BOUND", "uniform from -BOUND to BOUND", uniform,
         [](double a, double, double) { return a; }},
        {"he_normal", none, "", "normal with deviation sqrt(2 / fan-in); for ReLU (He et al. 2015)", normal,
         [](double, double in, double) { return std::sqrt(2 / in); }},
        {"he_uniform", none, "", "uniform within sqrt(6 / fan-in) (He et al. 2015)", uniform,
         [](double, double in, double) { return std::sqrt(6 / in); }},
        {"lecun_normal", none, "", "normal with deviation sqrt(1 / fan-in) (LeCun et al. 1998)", normal,
         [](double, double in, double) { return std::sqrt(1 / in); }},
        {"xavier_uniform", none, "", "uniform within sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio 2010)", uniform,
         [](double, double in, double out) { return std::sqrt(6 / (in + out)); }},
        {"torch_linear", optional, "FAN_IN", "uniform within 1 / sqrt(fan-in), as PyTorch's linear layers start",
         uniform, [](double a, double in, double) { return 1 / std::sqrt(a > 0 ? a : in); }},
    };
    return rows;
}

const InitRow* find_init(std::string_view name) {
    for (const InitRow& row : init_rows())
        if (row.name == name) return &row;
    return nullptr;
}

} // namespace ds
