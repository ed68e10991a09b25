// A picture of the first samples of an evaluation: what went in, what is true (where that is something else), and what
// is predicted.
#pragma once

#include <string>
#include <vector>

#include "data/picture/chart.h"
#include "infer/input_picture.h"
#include "task/task.h"

namespace ds {

class SampleSheet {
public:
    /// Error(usage) for a model whose predictions are no pictures.
    explicit SampleSheet(const Model& model);
    /// Takes a batch's samples, as long as there is room: outputs [samples,...] and their targets.
    void add(const Batch& batch, const TensorView& output, const Tensor& target, const OutputNames& names);
    /// .png or .svg
    void draw(const std::string& path) const;

private:
    InputPicture input_;
    const Printing* printing_;
    bool of_input_; // the truth went in
    std::vector<std::string> labels_;
    std::vector<Tile> before_, truth_, predicted_;
};

} // namespace ds
