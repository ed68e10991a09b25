// Predictions of what went in: how far from it each sample is, which is large for what is unlike the training data;
// rows of numbers with the numbers, pictures as pictures.
#include <algorithm>
#include <cmath>

#include "task/metrics.h"
#include "task/printing.h"

namespace ds {
namespace {

Outputs given(Outputs x) { return x.first(x.size() / 2); }
Outputs truth(Outputs x) { return x.last(x.size() / 2); }

double mean_square(Outputs x) {
    double sum = 0;
    for (size_t i = 0; i < x.size() / 2; ++i) sum += (given(x)[i] - truth(x)[i]) * (given(x)[i] - truth(x)[i]);
    return ratio(sum, double(x.size() / 2));
}
double root_mean_square(Outputs x) { return std::sqrt(mean_square(x)); }
double noise_ratio(Outputs x, const OutputNames& names) { return signal_to_noise(names.peak, mean_square(x)); }

bool all_finite(Outputs x, const OutputNames&) {
    return std::ranges::all_of(x, [](double v) { return std::isfinite(v); });
}

/// Of pictures nobody wants the pixels in a table.
bool has_numbers(const OutputNames& names) { return names.item.size() <= 1; }

std::string words(Outputs x, const OutputNames& names) {
    const std::string error = fmt::format("rmse {:.6g}", root_mean_square(x));
    return names.peak > 0 ? fmt::format("{}, psnr {:.2f} dB", error, noise_ratio(x, names)) : error;
}

void json(Json& one, Outputs x, const OutputNames& names) {
    one.set("rmse", root_mean_square(x));
    if (names.peak > 0) one.set("psnr", noise_ratio(x, names));
    if (!has_numbers(names)) return;
    one.set("value", std::vector<double>(given(x).begin(), given(x).end()));
    if (!names.numbers.empty()) one.set("columns", names.numbers);
}

/// "area.predicted", or "predicted_0" where nothing is known of the numbers.
std::vector<std::string> field_names(const char* word, const OutputNames& names) {
    std::vector<std::string> columns;
    const bool known = std::ssize(names.numbers) == count(names.item);
    for (int64_t i = 0; has_numbers(names) && i < count(names.item); ++i)
        columns.push_back(known ? fmt::format("{}.{}", names.numbers[size_t(i)], word) : fmt::format("{}_{}", word, i));
    return columns;
}

std::vector<std::string> columns(int64_t, const OutputNames& names) {
    std::vector<std::string> all{"rmse"};
    if (names.peak > 0) all.emplace_back("psnr");
    for (std::string& column : field_names("predicted", names)) all.push_back(std::move(column));
    return all;
}

std::vector<std::string> fields(Outputs x, const OutputNames& names) {
    std::vector<std::string> all{fmt::format("{:.6g}", root_mean_square(x))};
    if (names.peak > 0) all.push_back(fmt::format("{:.6g}", noise_ratio(x, names)));
    for (size_t i = 0; has_numbers(names) && i < given(x).size(); ++i) all.push_back(number_text(given(x)[i]));
    return all;
}

std::vector<std::string> target_columns(int64_t, const OutputNames& names) { return field_names("target", names); }
std::vector<std::string> target_fields(const Tensor& target, int64_t s, const OutputNames& names) {
    std::vector<std::string> all;
    const int64_t size = count(names.item);
    for (int64_t i = s * size; has_numbers(names) && i < (s + 1) * size; ++i)
        all.push_back(number_text(target_number(target, i)));
    return all;
}

/// Numbers that are no bytes are shown from the least (black) to the greatest (white) of what went in.
Image image_of(Outputs x, Outputs true_one, const OutputNames& names) {
    double low = 0, high = names.peak;
    if (high <= 0) std::tie(low, high) = std::pair(std::ranges::min(true_one), std::ranges::max(true_one));
    Image image{names.item[1], names.item[2], names.item[0], {}};
    const double scale = high > low ? 255 / (high - low) : 0;
    for (const double v : x) image.pixels.push_back(uint8_t(std::lround(std::clamp((v - low) * scale, 0.0, 255.0))));
    return image;
}

PredictedPicture picture(Outputs x, const OutputNames& names) { return {{}, image_of(given(x), truth(x), names)}; }
PredictedPicture target_picture(const Tensor& target, int64_t s, const OutputNames& names) {
    std::vector<double> x;
    const int64_t size = count(names.item);
    for (int64_t i = s * size; i < (s + 1) * size; ++i) x.push_back(target_number(target, i));
    return {{}, image_of(x, x, names)};
}

} // namespace

double signal_to_noise(double peak, double mean_square) {
    if (!(peak > 0) || std::isnan(mean_square)) return std::nan("");
    return std::min(most_signal_to_noise, 10 * std::log10(peak * peak / mean_square));
}

const Printing reconstruct_printing{all_finite,     words,         json,    columns,       fields,
                                    target_columns, target_fields, picture, target_picture};

} // namespace ds
