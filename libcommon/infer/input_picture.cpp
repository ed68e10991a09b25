#include "infer/input_picture.h"

#include <algorithm>
#include <cmath>

namespace ds {

InputPicture::InputPicture(const Model& model) {
    const Preprocessing all = Preprocessing::from_json(model.preprocessing_json, model.source);
    for (const Input& input : model.graph.inputs) {
        const Shape& shape = model.graph.type(input.value).shape;
        if (input.role != InputRole::data || shape.size() != 4 || !known(Shape(shape.begin() + 1, shape.end())))
            continue;
        const Dims item = dims(Shape(shape.begin() + 1, shape.end()));
        if (item[0] != 1 && item[0] != 3) continue;
        input_ = input.name;
        item_ = item;
        if (const auto how = all.columns.find(input.name); how != all.columns.end()) how_ = how->second;
        return;
    }
}

Image InputPicture::of(const Batch& batch, int64_t s) const {
    const int64_t n = count(item_);
    std::vector<double> elements(static_cast<size_t>(n));
    const TensorView view = batch.inputs.at(input_).view();
    for (int64_t i = 0; i < n; ++i) elements[size_t(i)] = float_at(view, s * n + i);
    return of(elements);
}

Image InputPicture::of(std::span<const double> elements) const {
    Image image{item_[1], item_[2], item_[0], {}};
    const size_t plane = size_t(image.height * image.width), means = std::max<size_t>(1, how_.mean.size());
    std::vector<double> pixels(elements.begin(), elements.end());
    for (size_t i = 0; i < pixels.size(); ++i) {
        const size_t c = std::min(i / plane, means - 1);
        if (!how_.mean.empty()) pixels[i] = pixels[i] * how_.std[c] + how_.mean[c];
        pixels[i] *= how_.divide;
    }
    if (how_.divide == 1 && !pixels.empty()) {
        const auto [least, greatest] = std::ranges::minmax(pixels);
        for (double& x : pixels) x = greatest > least ? 255 * (x - least) / (greatest - least) : 0;
    }
    for (const double x : pixels) image.pixels.push_back(uint8_t(std::lround(std::clamp(x, 0.0, 255.0))));
    return image;
}

} // namespace ds
