// Starts the program anew where a library reads the environment in its constructor, too early to be told otherwise.
#pragma once

namespace ds::cli {

/// OpenMP's threads wait for each other at the end of each loop, and libgomp lets them spin for milliseconds before
/// they sleep. Two programs on the same cores then stand in each other's way: a quarter of the speed each, where half
/// is fair. A tenth of a millisecond gives nearly half, and is as fast alone. Returns when GOMP_SPINCOUNT or
/// OMP_WAIT_POLICY is set (by the user, or by the first start), or when there is no starting anew.
void restart_to_spin_briefly(char** argv);

} // namespace ds::cli
