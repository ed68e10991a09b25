// Executor: runs a Plan in one arena. Allocates no tensor memory in run(). The one place where time and
// bytes are measured. Executors in several threads may share a State that none of them
// writes, or write layers of their own over it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace ds {

struct RunOptions {
    bool time = false;           // measure every step
    bool check_numerics = false; // Error(data) naming the first node that makes a NaN or Inf, with its inputs
};

/// Seconds per step of the plan, summed over runs.
struct Profile {
    std::vector<double> seconds; // by step
    int64_t runs = 0;
};

/// Memory for arenas, shared by the executors of one thread that never run at the same time (the plan of a
/// full batch and the plan of the last one).
class Arena {
public:
    std::byte* at_least(int64_t bytes); // grows; earlier addresses become invalid

private:
    std::shared_ptr<std::byte> data_;
    int64_t bytes_ = 0;
};

class Executor {
public:
    /// Slots that the plan writes and that only lie below the State's own layer are copied into it.
    /// Error(data) naming a slot that is missing or of another type.
    Executor(std::shared_ptr<const Plan> plan, std::shared_ptr<State> state, std::shared_ptr<Arena> arena = nullptr);
    ~Executor();
    Executor(Executor&&) noexcept;

    /// Memory of an input, to be filled before each run(): a run may overwrite it.
    TensorView input(const std::string& name) const; // Error(bug) for an unknown name
    bool has_input(const std::string& name) const;
    /// Memory of an output, valid until the next run().
    TensorView output(const std::string& name) const; // Error(bug) for an unknown name
    bool has_output(const std::string& name) const;
    void run(const RunOptions& options = {});
    const Profile& profile() const;
    const Plan& plan() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace ds
