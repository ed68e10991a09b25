#include "train/mixed_targets.h"

#include <algorithm>

#include "base/error.h"
#include "data/augment/mix.h"

namespace ds {
namespace {

template <class T>
void fill(T* to, int64_t classes, const Batch& batch, const int32_t* labels) {
    std::fill_n(to, batch.size * classes, T(0));
    for (int64_t i = 0; i < batch.size; ++i) {
        if (labels[i] < 0 || labels[i] >= classes)
            fail(Exit::data, "sample {} has class {}, and --mixup and --cutmix need one of the {} for each",
                 batch.sample[size_t(i)], labels[i], classes);
        const double share = batch.share[size_t(i)];
        to[i * classes + labels[i]] += T(share);
    }
    for (int64_t i = 0; i < batch.size; ++i) // all labels are sound now
        to[i * classes + labels[partner_of(i, batch.size)]] += T(1 - batch.share[size_t(i)]);
}

} // namespace

void fill_mixed_targets(const TensorView& to, const Batch& batch, const std::string& target) {
    const int32_t* labels = batch.inputs.at(target).as<int32_t>();
    if (to.dtype == DType::f64) fill(to.as<double>(), to.shape[1], batch, labels);
    else fill(to.as<float>(), to.shape[1], batch, labels);
}

} // namespace ds
