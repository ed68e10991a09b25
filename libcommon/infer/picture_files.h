// Predictions that are pictures, as PNG files: masks in the size of the pictures that came in, with a palette whose
// numbers are the classes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "infer/predictions.h"

namespace ds {

/// Whether an output is for pictures: FILE.png, or a folder that is there or ends in a slash.
bool is_picture_place(const std::string& place);

class PictureFiles {
public:
    /// `inputs`: as they were given; what lies in one that is a folder keeps its place in it.
    /// `overlay`: write the pictures that came in under the colours of their classes instead.
    PictureFiles(std::string place, std::vector<std::string> inputs, bool overlay)
        : place_(std::move(place)), inputs_(std::move(inputs)), overlay_(overlay) {}
    /// Error(usage) for a second picture where the place is one file, Error(data) where two would have one name.
    void add(const Predictions& some);
    void finish(); // writes the one file

private:
    std::string encoded(const Predictions& some, int64_t sample) const;
    std::string name_of(const std::string& source) const;

    std::string place_;
    std::vector<std::string> inputs_;
    bool overlay_;
    std::map<std::string, std::string> written_; // names, and what became them
    std::string one_;
};

} // namespace ds
