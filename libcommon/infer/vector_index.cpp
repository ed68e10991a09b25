#include "infer/vector_index.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ds {
namespace {

constexpr int64_t tile_rows = 64;

double length_of(std::span<const double> vector) {
    double squares = 0;
    for (const double v : vector) squares += double(float(v)) * double(float(v));
    return std::sqrt(squares);
}

bool has_direction(double length) { return std::isfinite(length) && length > 0; }

bool is_nearer(const Neighbour& a, const Neighbour& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

/// The k nearest of those that were offered. Its first one is the farthest of them.
class Best {
public:
    explicit Best(int64_t k) : most_(static_cast<size_t>(k)) {}
    void offer(const Neighbour& one) {
        if (heap_.size() == most_ && !is_nearer(one, heap_.front())) return;
        if (heap_.size() == most_) {
            std::ranges::pop_heap(heap_, is_nearer);
            heap_.pop_back();
        }
        heap_.push_back(one);
        std::ranges::push_heap(heap_, is_nearer);
    }
    std::vector<Neighbour> in_order() && {
        std::ranges::sort_heap(heap_, is_nearer);
        return std::move(heap_);
    }

private:
    size_t most_;
    std::vector<Neighbour> heap_;
};

} // namespace

int64_t VectorIndex::bytes(int64_t rows, int64_t size) {
    const int64_t tiles = (rows + tile_rows - 1) / tile_rows;
    return tiles * tile_rows * size * int64_t(sizeof(float)) + rows * int64_t(sizeof(int64_t) + sizeof(double));
}

bool VectorIndex::add(int64_t row, std::span<const double> vector) {
    const double length = length_of(vector);
    if (!has_direction(length)) return false;
    const int64_t lane = rows() % tile_rows, tile = rows() / tile_rows;
    if (lane == 0) tiles_.resize(size_t((tile + 1) * tile_rows * size_));
    for (int64_t i = 0; i < size_; ++i)
        tiles_[size_t((tile * size_ + i) * tile_rows + lane)] = float(vector[size_t(i)]);
    rows_.push_back(row);
    length_.push_back(length);
    return true;
}

std::vector<Neighbour> VectorIndex::nearest(std::span<const double> vector, int64_t k) const {
    const double length = length_of(vector);
    if (!has_direction(length) || k < 1) return {};
    Best best(std::min(k, rows()));
    for (int64_t begin = 0; begin < rows(); begin += tile_rows) {
        std::array<double, tile_rows> product{}; // each a sum in the same order, so that equal vectors are equally near
        const float* tile = tiles_.data() + begin * size_;
        for (int64_t i = 0; i < size_; ++i)
            for (int64_t lane = 0; lane < tile_rows; ++lane)
                product[size_t(lane)] += double(float(vector[size_t(i)])) * double(tile[i * tile_rows + lane]);
        for (int64_t lane = 0; lane < std::min(tile_rows, rows() - begin); ++lane) {
            const auto row = size_t(begin + lane);
            const double cosine = product[size_t(lane)] / (length * length_[row]);
            best.offer({rows_[row], float(std::clamp(cosine, -1.0, 1.0))});
        }
    }
    return std::move(best).in_order();
}

} // namespace ds
