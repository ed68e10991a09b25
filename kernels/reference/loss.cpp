#include "ops/loss.h"

#include <cmath>

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

/// The target distribution of a row; false for an ignored row. Error(data) for a class that does not exist.
template <class T>
bool target_row(const CrossEntropyAttrs& a, const TensorView& target, int64_t row, std::vector<double>& t) {
    const int64_t classes = int64_t(t.size());
    if (is_float(target.dtype)) {
        for (int64_t k = 0; k < classes; ++k) t[size_t(k)] = double(target.as<T>()[row * classes + k]);
    } else {
        const int64_t label = index_at(target, row);
        if (label == a.ignore_index) return false;
        if (label < 0 || label >= classes)
            fail(Exit::data, "row {} of the batch has class {}, and there are {} classes", row, label, classes);
        std::fill(t.begin(), t.end(), 0.0);
        t[size_t(label)] = 1;
    }
    for (double& p : t) p = (1 - a.smoothing) * p + a.smoothing / double(classes);
    return true;
}

template <class T>
double log_sum_exp(const T* x, int64_t n) {
    double top = double(x[0]), sum = 0;
    for (int64_t k = 1; k < n; ++k) top = std::max(top, double(x[k]));
    for (int64_t k = 0; k < n; ++k) sum += std::exp(double(x[k]) - top);
    return top + std::log(sum);
}

std::unique_ptr<Kernel> cross_entropy(const Request& r, std::string& why) {
    const auto attrs = attributes<CrossEntropyAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const int64_t classes = call.in[0].shape.back(), rows = call.in[0].size() / classes;
            std::vector<double> t(static_cast<size_t>(classes));
            for (int64_t row = 0; row < rows; ++row) {
                const T* x = call.in[0].as<T>() + row * classes;
                const double lse = log_sum_exp(x, classes);
                double loss = 0;
                if (target_row<T>(attrs, call.in[1], row, t))
                    for (int64_t k = 0; k < classes; ++k)
                        if (t[size_t(k)] != 0)
                            loss += t[size_t(k)] * (lse - double(x[k])); // a hidden class has x = -inf
                if (call.out[0].data) call.out[0].as<T>()[row] = T(loss);
                if (call.out[1].data) call.out[1].as<T>()[row] = T(lse);
            }
        };
    });
}

std::unique_ptr<Kernel> cross_entropy_dx(const Request& r, std::string& why) {
    const auto attrs = attributes<CrossEntropyAttrs>(r);
    return for_floats(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const TensorView& logits = call.in[1];
            const int64_t classes = logits.shape.back(), rows = logits.size() / classes;
            std::vector<double> t(static_cast<size_t>(classes));
            for (int64_t row = 0; row < rows; ++row) {
                const bool valid = target_row<T>(attrs, call.in[2], row, t);
                double mass = 0; // of the target: 1, unless given probabilities do not sum to one
                for (double p : t) mass += p;
                for (int64_t k = 0; k < classes; ++k) {
                    const double p =
                        std::exp(double(logits.as<T>()[row * classes + k]) - double(call.in[3].as<T>()[row]));
                    call.out[0].as<T>()[row * classes + k] =
                        T(valid ? double(call.in[0].as<T>()[row]) * (mass * p - t[size_t(k)]) : 0);
                }
            }
        };
    });
}

} // namespace

void add_loss(Registry& registry) {
    registry.add({"cross_entropy", "reference.cross_entropy", cross_entropy});
    registry.add({"cross_entropy_dx", "reference.cross_entropy_dx", cross_entropy_dx});
}

} // namespace ds::kernels::reference
