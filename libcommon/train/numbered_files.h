// What --keep keeps: model.h5 under the names model-step000100.h5, model-step000200.h5 and so on, beside it. Only files
// of this run are ever removed.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>

namespace ds {

class NumberedFiles {
public:
    explicit NumberedFiles(std::string file) : file_(std::move(file)) {}

    std::string path(int64_t step) const;
    /// The step in a path of this kind, in this folder; -1 for any other.
    int64_t step_of(const std::string& path) const;
    /// Counts the files of steps up to `step` that are `ours` as this run's: those from before it was resumed.
    void take_over(int64_t step, const std::function<bool(const std::string& path)>& ours);
    /// Gives the file as it is now a second name, without a second copy: the next save puts a new file in its place.
    /// False where the file system knows no hard links.
    bool link(int64_t step);
    /// The file of this step has been written. Removes all of this run's but the last `count`.
    void keep_last(int64_t count, int64_t step);

private:
    std::string file_;
    std::set<int64_t> made_; // steps whose files are of this run
};

} // namespace ds
