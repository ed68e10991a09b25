// What is done to data before a model sees it: pixels are divided by 255, images and numbers are standardised
// by mean and deviation (of the training data, per channel), categories are numbered by name; and before all that,
// picture files become pixels. It is stored in the model, so that evaluation, inference and serving repeat it exactly.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/picture/rule.h"
#include "data/text/words.h"
#include "tensor/type.h"

namespace ds {

/// A number that is missing: refused, taken for the mean, or handed on as NaN to a model that looks for it.
enum class Missing { refused, mean, seen };
constexpr std::array<std::string_view, 3> missing_names{"refused", "mean", "seen"};

struct ColumnPreprocessing {
    std::string kind;              // "image", "number", "category", "text", "document"
    Dims shape;                    // of one row as the model takes it
    double divide = 1;             // first of all; 255 for pixels
    std::vector<double> mean, std; // per channel (images) or one; empty: left as it is
    std::vector<std::string> categories;
    int64_t unknown = -1; // category: the number of every name that is none of these; < 0: such a name is refused
    Missing missing = Missing::refused;
    std::vector<std::string> missing_words; // cells of a table that hold no value
    bool date = false;                      // number: written as a date, and days since 1970
    bool decimal_comma = false;             // number: written in tables as 1,5
    bool wide = false;                      // number: kept in 64 bits, and standardised before it is rounded
    TokenRule tokens = TokenRule::words;    // document: how a text becomes words
    std::vector<std::string> words;         // document: those that are known; their numbers, words.h
    int64_t word_column = -1; // of lines: which column of CoNLL they are (data/format/conll.h); < 0: nobody said
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
