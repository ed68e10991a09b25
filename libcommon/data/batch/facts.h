// What the rest of the house may know of a data file without opening it: its columns.
#pragma once

#include <string>
#include <vector>

#include "tensor/type.h"

namespace ds {

struct DataColumn {
    std::string name;
    std::string kind;       // "image", "number", "category", "text", "target", "weight"
    Dims item;              // shape of one row; empty: one number
    int64_t categories = 0; // how many names its labels have; 0: none
    bool is_target = false;
    bool zero_one = false; // a target of numbers, all of them 0 or 1
    int64_t missing = 0;   // rows without a number, of those behind the statistics
};
using DataFacts = std::vector<DataColumn>;

} // namespace ds
