// What is done to data before a model sees it: pixels are divided by 255, images and numbers are standardised
// by mean and deviation (of the training data, per channel), categories are numbered by name; and before all that,
// picture files become pixels. It is stored in the model, so that evaluation, inference and serving repeat it exactly.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/picture/rule.h"
#include "tensor/type.h"

namespace ds {

struct ColumnPreprocessing {
    std::string kind;              // "image", "number", "category", "text"
    Dims shape;                    // of one row as the model takes it
    double divide = 1;             // first of all; 255 for pixels
    std::vector<double> mean, std; // per channel (images) or one; empty: left as it is
    std::vector<std::string> categories;
    int64_t unknown = -1; // category: the number of every name that is none of these; < 0: such a name is refused
    bool missing = false; // number: may be missing, and is then NaN
    std::optional<PictureRule> picture; // how picture files became the pixels; none: the data did not come from such
    bool operator==(const ColumnPreprocessing&) const = default;
};

/// Error(data) for numbers that nothing can be divided by, or a mean without its deviation.
void check_sound(const ColumnPreprocessing& column, const std::string& name, const std::string& source);

struct Preprocessing {
    std::map<std::string, ColumnPreprocessing> columns; // by model input
    std::string to_json() const;
    static Preprocessing from_json(const std::string& text, const std::string& source); // Error(data); "" is none
};

} // namespace ds
