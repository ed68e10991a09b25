// Weights of a data file's samples, and of its classes: what training is told of how much each target counts.
#pragma once

#include <string>
#include <vector>

#include "data/batch/binding.h"

namespace ds {

/// The column of weights, f32 or f64 [n] of kind "weight"; -1: there is none. Error(data) when there are several, or it
/// does not hold one number a row.
int weight_column(const DataSource& source);

/// Error(data) naming the first row whose weight is negative or no finite number; or when all rows have weight 0.
void check_weights(const DataSource& source, int column);

/// The weight of each class of a target: `spec` is "balanced", or "NAME=W,..." with the names of classes or their
/// numbers; those not named have weight 1. Balanced: all rows' weight over (classes that occur x the class's rows'
/// weight), so that each class weighs as much as any other; a class without a row gets 0. `names`: of the classes, may
/// be empty; `classes`: how many; `ignored`: the number that is none; `elsewhere`: names that other targets have, which
/// are passed over (without one of its own, the target has no weights: none are returned). Error(usage) for a spec that
/// names no class, or names it twice; Error(data) where balanced finds no row.
std::vector<double> class_weights(const std::string& spec, const InputBinding& target, const DataSource& source,
                                  int weights, int64_t classes, const std::vector<std::string>& names, int64_t ignored,
                                  const std::vector<std::string>& elsewhere = {});

} // namespace ds
