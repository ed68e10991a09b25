// What the rest of the house may know of a data file without opening it: its columns.
#pragma once

#include <string>
#include <vector>

#include "tensor/type.h"

namespace ds {

struct DataColumn {
    std::string name;
    std::string kind;       // "image", "number", "category", "text", "target"
    Dims item;              // shape of one row; empty: one number
    int64_t categories = 0; // how many names its labels have; 0: none
    bool is_target = false;
};
using DataFacts = std::vector<DataColumn>;

} // namespace ds
