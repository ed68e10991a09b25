// A sheet of small charts of counts: histograms of numbers and bars of names, many to a page.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/picture/canvas.h"

namespace ds {

struct CountChart {
    std::string title, note;        // what it shows; and something small beside it
    bool is_target = false;         // in a colour of its own
    std::vector<int64_t> counts;    // of the bins from left to right, or of the names; may be empty
    std::vector<std::string> names; // of names alone: bars lie, one below the other
    std::string least, greatest;    // of bins: what stands below the first and the last
    int64_t missing = 0;            // a grey bar beside the bins
    std::vector<std::string> words; // where there is nothing to count
};

/// Charts in rows of `across`. Error(usage) where there are none.
void draw_sheet(const std::vector<CountChart>& charts, int64_t across, const std::string& path);

} // namespace ds
