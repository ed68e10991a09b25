// What a model was given, as a picture again.
#pragma once

#include <optional>

#include "data/batch/batcher.h"
#include "data/picture/image.h"
#include "state/model.h"

namespace ds {

class InputPicture {
public:
    /// The first input of pictures [N,C,H,W] of 1 or 3 channels that the model takes.
    explicit InputPicture(const Model& model);
    bool exists() const { return !input_.empty(); }
    const std::string& input() const { return input_; }
    /// Sample s of the batch before it was standardised. Numbers that were no bytes are shown from their least (black)
    /// to their greatest (white).
    Image of(const Batch& batch, int64_t s) const;
    /// The same of C*H*W elements that are as the model takes them.
    Image of(std::span<const double> elements) const;

private:
    std::string input_;
    ColumnPreprocessing how_;
    Dims item_;
};

} // namespace ds
