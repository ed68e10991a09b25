// Vectors, of which those nearest to another are found by its cosine with every one of them: exact, and work for each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ds {

struct Neighbour {
    int64_t row = 0; // as it was given to add()
    float similarity = 0;
    bool operator==(const Neighbour&) const = default;
};

class VectorIndex {
public:
    explicit VectorIndex(int64_t size) : size_(size) {}

    /// Rows come in ascending order. False for a vector that has no direction: it is zero, or not finite.
    bool add(int64_t row, std::span<const double> vector);
    /// The k nearest, the most similar first; of equal ones (as float32) the first row first. Fewer where there are no
    /// more; none for a vector that has no direction.
    std::vector<Neighbour> nearest(std::span<const double> vector, int64_t k) const;

    int64_t size() const { return size_; } // numbers of a vector
    int64_t rows() const { return int64_t(rows_.size()); }
    /// What is kept of so many vectors of this size.
    static int64_t bytes(int64_t rows, int64_t size);

private:
    int64_t size_;
    std::vector<int64_t> rows_;
    std::vector<double> length_; // of each vector
    std::vector<float> tiles_;   // [tiles, size, rows of a tile]: of a tile's vectors all first numbers, all second ...
};

} // namespace ds
