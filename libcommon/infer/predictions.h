// What a model said of samples, as text, JSON or an array (as CSV: prediction_file.h). How one sample prints is its
// task's (task/printing.h).
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "task/printing.h"
#include "tensor/type.h"

namespace ds {

struct Predictions {
    const Printing* printing = nullptr; // how one sample prints
    OutputNames names;
    std::vector<std::string> sources; // name of each sample
    std::string id = "sample";        // what the names are called: the data's column of ids
    Dims item;                        // shape of one sample's output
    DType dtype = DType::f32;         // the model's: f32 or f64
    int64_t behind = 0;               // numbers that follow those of each sample: what went in (OutputNames::of_input)
    std::vector<double> outputs;      // [samples, item... and those behind], as the model gives them
    std::vector<std::string> header;  // of the table that the samples are rows of; empty for others
    std::vector<std::vector<std::string>> cells; // of each sample, where it is a row of a table
    std::vector<Image> pictures; // of each sample, as its file has it, where that was asked for; empty ones for others
    std::vector<std::vector<std::string>> words; // of each sample, where each word has a prediction
    bool ranked = false;                         // each sample has a place among those of its group, from 1:
    std::vector<std::string> groups;             // its name
    std::vector<int64_t> ranks;
    ResizeRule resize = ResizeRule::none; // how those got the model's size
    bool is_bad = false;                  // the one sample has no prediction: it has a name, and cells, but no outputs

    /// More samples of the same model.
    void append(const Predictions& more);
    int64_t samples() const { return int64_t(sources.size()); }
    int64_t size() const { return count(item) + behind; } // of a sample
    Outputs of(int64_t sample) const;
    /// The names, with what is the sample's own.
    OutputNames names_of(int64_t sample) const;
    /// Samples begin to end - 1, as a batch of their own.
    Predictions part(int64_t begin, int64_t end) const;
    /// The first sample from `begin` on whose outputs mean nothing; samples() when there is none.
    int64_t first_unusable(int64_t begin) const;
    /// One line a sample: its name and what was said.
    std::string text() const;
    Json json() const;
    std::string npy() const; // dtype [samples, item...]
};

} // namespace ds
