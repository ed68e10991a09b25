#include "task/plane.h"

#include <algorithm>
#include <cmath>

namespace ds {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

void scale_to_one(Vector& v) {
    const double length = std::sqrt(dot(v, v));
    for (double& x : v) x = length > 0 ? x / length : 0;
}

Vector mean_of(const std::vector<float>& vectors, size_t n, size_t size) {
    Vector mean(size);
    for (size_t i = 0; i < vectors.size(); ++i) mean[i % size] += double(vectors[i]) / double(n);
    return mean;
}

/// [size, size], row by row.
Vector covariance(const std::vector<float>& vectors, size_t n, const Vector& mean) {
    const size_t size = mean.size();
    Vector all(size * size), x(size);
    for (size_t s = 0; s < n; ++s) {
        for (size_t i = 0; i < size; ++i) x[i] = double(vectors[s * size + i]) - mean[i];
        for (size_t i = 0; i < size; ++i)
            for (size_t j = 0; j < size; ++j) all[i * size + j] += x[i] * x[j] / double(n);
    }
    return all;
}

/// The axis of the greatest variance that is left beside `before`, by powers of the matrix.
Vector axis(const Vector& matrix, size_t size, const std::vector<Vector>& before) {
    Vector v(size);
    for (size_t i = 0; i < size; ++i) v[i] = 1 + 0.37 * double(i % 7) - 0.11 * double(i % 5);
    for (int round = 0; round < 300; ++round) {
        Vector next(size);
        for (size_t i = 0; i < size; ++i)
            for (size_t j = 0; j < size; ++j) next[i] += matrix[i * size + j] * v[j];
        for (const Vector& other : before) {
            const double part = dot(next, other);
            for (size_t i = 0; i < size; ++i) next[i] -= part * other[i];
        }
        scale_to_one(next);
        v = std::move(next);
    }
    const auto greatest = std::ranges::max_element(v, {}, [](double x) { return std::abs(x); });
    const double sign = greatest != v.end() && *greatest < 0 ? -1 : 1;
    for (double& x : v) x *= sign;
    return v;
}

} // namespace

Plane principal_plane(const std::vector<float>& vectors, size_t n) {
    const size_t size = vectors.size() / n;
    const Vector mean = mean_of(vectors, n, size), matrix = covariance(vectors, n, mean);
    std::vector<Vector> axes;
    for (int k = 0; k < 2; ++k) axes.push_back(axis(matrix, size, axes));
    double all = 0;
    for (size_t i = 0; i < size; ++i) all += matrix[i * size + i];
    Plane plane;
    plane.points.resize(n);
    for (size_t s = 0; s < n; ++s)
        for (size_t i = 0; i < size; ++i) {
            const double x = double(vectors[s * size + i]) - mean[i];
            plane.points[s].first += x * axes[0][i];
            plane.points[s].second += x * axes[1][i];
        }
    for (const auto& [x, y] : plane.points) {
        if (!(all > 0)) break;
        plane.share[0] += x * x / double(n) / all;
        plane.share[1] += y * y / double(n) / all;
    }
    return plane;
}

} // namespace ds
