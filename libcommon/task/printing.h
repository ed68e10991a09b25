// How a task's prediction of one sample prints: as words, as JSON and as fields of a CSV.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/picture/mask.h"
#include "tensor/tensor.h"

namespace ds {

struct OutputPart;

/// What is known of the outputs' names, and how they are shown.
struct OutputNames {
    std::vector<std::string> labels;       // of the classes; may be empty or too short
    std::string target;                    // the column that is predicted; may be empty
    double threshold = 0.5;                // of a yes
    int64_t top = 1;                       // classes that are told, the likeliest first
    bool probabilities = false;            // CSV: a column for each class
    Dims item{};                           // shape of one sample's outputs
    std::vector<std::string> numbers = {}; // what each of them is called, where that is known
    bool of_input = false;                 // the outputs are followed by what went in, as many numbers
    double peak = 0;                       // the range of that, where it is known (255 for bytes); 0: not known
    int64_t length = -1; // of outputs for the words of a text: how many there are; < 0: as many as outputs
    const std::vector<std::string>* words = nullptr; // and which, where they are known
    const std::vector<int32_t>* unread = nullptr;    // true classes of those that targets have no room for
    std::vector<OutputPart> parts;                   // of a joint task; the outputs are theirs, one after another

    /// The class's name, or its number.
    std::string label(int64_t k) const;
};

/// A picture, or classes of pixels: one of them is empty.
struct PredictedPicture {
    Mask mask;
    Image image;
};

/// One sample's outputs.
using Outputs = std::span<const double>;

struct Printing;
/// What a joint task's outputs are made of.
struct OutputPart {
    std::string name;
    const Printing* printing = nullptr;
    OutputNames names;
    int64_t size = 1; // numbers of a sample

    /// "price.predicted": a field's name among those of the other parts.
    std::string field(const std::string& own) const { return name.empty() ? own : name + "." + own; }
};

struct Printing {
    /// False where the outputs are no numbers that mean anything.
    bool (*usable)(Outputs x, const OutputNames& names);
    /// "dress 93.10 %, shirt 4.02 %", "price 250000": what follows the sample's name.
    std::string (*words)(Outputs x, const OutputNames& names);
    /// Adds what is predicted to the object of the sample.
    void (*json)(Json& one, Outputs x, const OutputNames& names);
    /// Names of the CSV's fields for outputs of `size` numbers.
    std::vector<std::string> (*columns)(int64_t size, const OutputNames& names);
    std::vector<std::string> (*fields)(Outputs x, const OutputNames& names);
    /// The true values: names of their fields, and those of sample s of a batch.
    std::vector<std::string> (*target_columns)(int64_t size, const OutputNames& names);
    std::vector<std::string> (*target_fields)(const Tensor& target, int64_t s, const OutputNames& names);
    /// A prediction as a picture of the model's size, and the truth of sample s as one; null: there are none.
    PredictedPicture (*picture)(Outputs x, const OutputNames& names) = nullptr;
    PredictedPicture (*target_picture)(const Tensor& target, int64_t s, const OutputNames& names) = nullptr;
    /// Classes are told by their probabilities: as many of the likeliest as are asked for, and in a CSV all of them.
    bool likeliest = false;
    /// How many words of a text targets are for; null: samples are no texts.
    int64_t (*length)(const Tensor& target, int64_t s) = nullptr;
    /// In place of a line of words: several, the last one empty; null: there are none.
    std::string (*lines)(Outputs x, const OutputNames& names) = nullptr;
};

extern const Printing class_printing, yes_no_printing, number_printing, labels_printing, segment_printing,
    score_printing, reconstruct_printing, vector_printing, pair_printing, tag_printing;
/// Of outputs that are those of OutputNames::parts, one after another; their targets are not in one tensor, so it has
/// none.
extern const Printing joint_printing;

/// Numbers of a softmax over the outputs: probabilities that sum to one.
std::vector<double> softmax(Outputs x);
double logistic(double x);
/// The shortest text that reads back as the same float32 (or float64, where it is not one).
std::string number_text(double x);

} // namespace ds
