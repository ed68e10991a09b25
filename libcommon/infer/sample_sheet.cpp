#include "infer/sample_sheet.h"

#include <algorithm>

#include "base/error.h"
#include "infer/evaluator.h"

namespace ds {
namespace {

constexpr size_t most_samples = 8, most_names = 24;
constexpr int64_t samples_a_row = 2;
constexpr double side = 132;

Image picture_of(const PredictedPicture& picture) {
    return picture.mask.classes.empty() ? picture.image : coloured(picture.mask);
}

/// Part of the pixels that have a class and are given it.
double right_part(const Mask& truth, const Mask& predicted) {
    double right = 0, all = 0;
    for (size_t i = 0; i < truth.classes.size(); ++i) {
        all += truth.classes[i] != no_class;
        right += truth.classes[i] != no_class && truth.classes[i] == predicted.classes[i];
    }
    return ratio(right, all);
}

/// What is ignored has no prediction either.
void leave_out_ignored(const Mask& truth, Mask& predicted) {
    for (size_t i = 0; i < truth.classes.size(); ++i)
        if (truth.classes[i] == no_class) predicted.classes[i] = no_class;
}

} // namespace

SampleSheet::SampleSheet(const Model& model)
    : input_(model), printing_(task_of(model).printing), of_input_(task_of(model).of_input), labels_(model.labels) {
    if (!predicts_pictures(model) || !input_.exists())
        fail(Exit::usage, "--sheet: the predictions of {} are no pictures", task_of(model).title());
}

void SampleSheet::add(const Batch& batch, const TensorView& output, const Tensor& target, const OutputNames& names) {
    OutputNames own = names;
    own.item.assign(output.shape.begin() + 1, output.shape.end());
    const int64_t size = count(own.item);
    for (int64_t s = 0; s < batch.size && before_.size() < most_samples; ++s) {
        std::vector<double> x;
        for (int64_t i = s * size; i < (s + 1) * size; ++i) x.push_back(float_at(output, i));
        for (int64_t i = s * size; of_input_ && i < (s + 1) * size; ++i) x.push_back(target_number(target, i));
        if (!printing_->usable(x, own)) continue;
        const PredictedPicture truth = printing_->target_picture(target, s, own);
        PredictedPicture predicted = printing_->picture(x, own);
        leave_out_ignored(truth.mask, predicted.mask);
        const std::string name = fmt::format("sample {}", batch.sample[size_t(s)]);
        before_.push_back({of_input_ ? picture_of(truth) : input_.of(batch, s), name});
        if (!of_input_) truth_.push_back({picture_of(truth), "truth"});
        predicted_.push_back(
            {picture_of(predicted),
             of_input_ ? printing_->words(x, own)
                       : fmt::format("predicted, {:.1f} % right", 100 * right_part(truth.mask, predicted.mask))});
    }
}

void SampleSheet::draw(const std::string& path) const {
    std::vector<Tile> tiles;
    const int64_t columns = (of_input_ ? 2 : 3) * samples_a_row;
    for (size_t s = 0; s < before_.size(); ++s) {
        tiles.push_back(before_[s]);
        if (!of_input_) tiles.push_back(truth_[s]);
        tiles.push_back(predicted_[s]);
    }
    while (int64_t(tiles.size()) % columns != 0) tiles.push_back({});
    for (size_t k = 0; !of_input_ && k < std::min(labels_.size(), most_names); ++k) // which colour is which class
        tiles.push_back({coloured({1, 1, {uint8_t(k)}}), labels_[k]});
    draw_grid(tiles, columns, path, side);
}

} // namespace ds
