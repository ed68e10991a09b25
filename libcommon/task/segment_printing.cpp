// Predictions of a class for each pixel: in words and numbers the share of the area that each class has, and masks.
#include <algorithm>

#include "data/batch/facts.h"
#include "task/metrics.h"
#include "task/printing.h"

namespace ds {
namespace {

int64_t classes_of(const OutputNames& names) { return names.item.back(); }

/// The likeliest class of each pixel; of equals the first.
Mask mask_of(Outputs x, const OutputNames& names) {
    const auto k = size_t(classes_of(names));
    Mask mask{names.item[0], names.item[1], {}};
    for (size_t at = 0; at < x.size(); at += k) {
        const auto row = x.subspan(at, k);
        mask.classes.push_back(uint8_t(std::max_element(row.begin(), row.end()) - row.begin()));
    }
    return mask;
}

/// Elements of sample s that are not ignored.
Mask target_mask(const Tensor& target, int64_t s, const OutputNames& names) {
    Mask mask{names.item[0], names.item[1], {}};
    const int64_t n = mask.height * mask.width;
    for (int64_t i = s * n; i < (s + 1) * n; ++i) {
        const double label = target_number(target, i);
        mask.classes.push_back(uint8_t(label < 0 ? ignored_pixel : label));
    }
    return mask;
}

/// Parts of the area without what is ignored; all 0 where everything is.
std::vector<double> shares_of(const Mask& mask, int64_t classes) {
    std::vector<double> shares(static_cast<size_t>(classes));
    double pixels = 0;
    for (const uint8_t k : mask.classes)
        if (k != ignored_pixel) {
            if (k < shares.size()) ++shares[k];
            ++pixels;
        }
    for (double& share : shares) share = pixels > 0 ? share / pixels : 0;
    return shares;
}

bool all_finite(Outputs x, const OutputNames&) {
    return std::ranges::all_of(x, [](double v) { return std::isfinite(v); });
}

/// Classes that have pixels, the largest area first.
std::vector<std::pair<int64_t, double>> largest(Outputs x, const OutputNames& names) {
    const std::vector<double> shares = shares_of(mask_of(x, names), classes_of(names));
    std::vector<std::pair<int64_t, double>> all;
    for (size_t k = 0; k < shares.size(); ++k)
        if (shares[k] > 0) all.emplace_back(k, shares[k]);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return all;
}

std::string words(Outputs x, const OutputNames& names) {
    std::string out;
    for (const auto& [k, share] : largest(x, names))
        out += fmt::format("{}{} {:.2f} %", out.empty() ? "" : ", ", names.label(k), 100 * share);
    return out;
}

void json(Json& one, Outputs x, const OutputNames& names) {
    Json areas = Json::array();
    for (const auto& [k, share] : largest(x, names)) {
        Json area = Json::object();
        areas.push(area.set("class", names.label(k)).set("share", share));
    }
    one.set("areas", areas);
}

std::vector<std::string> columns_of(const char* prefix, const OutputNames& names) {
    std::vector<std::string> columns;
    for (int64_t k = 0; k < classes_of(names); ++k) columns.push_back(prefix + names.label(k));
    return columns;
}
std::vector<std::string> columns(int64_t, const OutputNames& names) { return columns_of("share_", names); }
std::vector<std::string> target_columns(int64_t, const OutputNames& names) { return columns_of("target_", names); }

std::vector<std::string> texts(const std::vector<double>& shares) {
    std::vector<std::string> fields;
    for (const double share : shares) fields.push_back(fmt::format("{:.6g}", share));
    return fields;
}
std::vector<std::string> fields(Outputs x, const OutputNames& names) {
    return texts(shares_of(mask_of(x, names), classes_of(names)));
}
std::vector<std::string> target_fields(const Tensor& target, int64_t s, const OutputNames& names) {
    return texts(shares_of(target_mask(target, s, names), classes_of(names)));
}

PredictedPicture picture(Outputs x, const OutputNames& names) { return {mask_of(x, names), {}}; }
PredictedPicture target_picture(const Tensor& target, int64_t s, const OutputNames& names) {
    return {target_mask(target, s, names), {}};
}

} // namespace

const Printing segment_printing{all_finite,     words,         json,    columns,       fields,
                                target_columns, target_fields, picture, target_picture};

} // namespace ds
