// Finds the first step that makes a NaN or an infinity (--check-numerics).
#pragma once

#include <vector>

#include "plan/plan.h"

namespace ds {

/// What a tensor holds besides ordinary numbers.
struct Oddities {
    int64_t nan = 0, inf = 0;
    bool any() const { return nan + inf > 0; }
};

/// Counts NaNs and infinities; none in dtypes that have none. The view may have any strides or layout.
Oddities find_oddities(const TensorView& view);

/// Called around every step; after() is Error(data) naming the node, its kernel and its inputs.
class NumericsCheck {
public:
    explicit NumericsCheck(const Plan& plan) : plan_(plan), seen_(plan.value_names.size()) {}
    void before(size_t step, const kernels::Call& call); // looks at the inputs: the step may overwrite them
    void after(size_t step, const kernels::Call& call) const;

private:
    const Plan& plan_;
    std::vector<Oddities> seen_; // by value, as last seen
};

} // namespace ds
