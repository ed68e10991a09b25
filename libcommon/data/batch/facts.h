// What the rest of the house may know of a data file without opening it: its columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/type.h"

namespace ds {

/// Whether a column of this kind says what is to be learned: one thing a row, or one a pixel (mask).
inline bool holds_targets(std::string_view kind) { return kind == "target" || kind == "mask"; }
/// A class number that neither trains nor counts; in the bytes of a mask, the pixel that becomes it.
constexpr int64_t ignored_class = -100;
constexpr int ignored_pixel = 255;
/// Of each sample of a batch, the classes of the words that the model does not read: those behind its cut.
using UnreadTags = std::vector<std::vector<int32_t>>;

struct DataColumn {
    std::string name;
    std::string kind;       // "image", "number", "category", "text", "document", "target", "mask", "weight", "group"
    Dims item;              // shape of one row; empty: one number
    int64_t categories = 0; // how many names its labels have; 0: none
    bool is_target = false;
    bool zero_one = false;          // a target of numbers, all of them 0 or 1
    int64_t missing = 0;            // rows without a number, of those behind the statistics
    int64_t words = 0;              // of a column of texts: those that its vocabulary has
    bool of_words = false;          // a target of each word of a text
    bool spans = false;             // whose names make spans (data/text/tags.h)
    int64_t longest = 0;            // and how many the longest text has, of the rows behind it
    std::vector<int64_t> rows_of{}; // of each category, how many rows have it; empty: nobody counted (name_counts.h)
};
using DataFacts = std::vector<DataColumn>;

} // namespace ds
