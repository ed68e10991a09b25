// One token drawn from a model's logits.
#pragma once

#include <cstdint>
#include <vector>

#include "base/rng.h"

namespace ds {

struct Sampling {
    double temperature = 1; // the logits are divided by it; 0: always the likeliest token
    int64_t top_k = 0;      // draw from the k likeliest; 0: from all
    double top_p = 1; // of those, from the fewest likeliest whose probabilities together reach p (nucleus sampling,
                      // Holtzman et al. 2020)
};

/// The number of a token. Of equal logits the first counts as likelier; one of -inf is never drawn. At least one logit
/// is finite, none is NaN or +inf.
int32_t draw_token(const std::vector<double>& logits, const Sampling& sampling, rng::Sequence& random);

} // namespace ds
