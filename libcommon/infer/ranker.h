// Places within groups: predictions wait until their input has ended, for the place of a row is known when all rows of
// its group are. Memory holds one input's predictions.
#pragma once

#include <functional>
#include <vector>

#include "infer/predictions.h"

namespace ds {

class Ranker {
public:
    void add(const Predictions& some) { held_.push_back(some); }
    /// Hands over what waits, with ranks: 1 + the rows of the group with a greater score. Equal scores share a rank.
    void hand_over(const std::function<void(const Predictions&)>& each);

private:
    std::vector<Predictions> held_;
};

} // namespace ds
