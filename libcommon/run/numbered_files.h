// What --keep keeps: model.h5 under the names model-step000100.h5, model-step000200.h5 and so on, beside it.
#pragma once

#include <cstdint>
#include <string>

namespace ds {

class NumberedFiles {
public:
    explicit NumberedFiles(std::string file) : file_(std::move(file)) {}

    std::string path(int64_t step) const;
    /// Gives the file as it is now a second name, without a second copy: the next save puts a new file in its place.
    /// False where the file system knows no hard links.
    static bool link(const std::string& file, const std::string& name);
    /// Removes all but the last `count` of steps up to `step`, also those of a run before it was resumed. Later ones
    /// are of another run, and stay.
    void keep_last(int64_t count, int64_t step) const;

private:
    std::string file_;
};

} // namespace ds
