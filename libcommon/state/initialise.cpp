// First contents of slots, drawn from the seed and the slot's name.
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "graph/init.h"
#include "state/state.h"

namespace ds {
namespace {

/// Inputs that feed one output element: everything but axis 0 of a weight.
double fan_in(const Dims& shape) {
    double n = 1;
    for (size_t i = 1; i < shape.size(); ++i) n *= double(shape[i]);
    return n;
}

double fan_out(const Dims& shape) {
    double n = shape.empty() ? 1 : double(shape[0]);
    for (size_t i = 2; i < shape.size(); ++i) n *= double(shape[i]);
    return n;
}

struct Fill {
    InitRow::Draw draw;
    double scale;
};

Fill rule(const Slot& slot, const Dims& shape) {
    const InitRow* row = find_init(slot.init.kind);
    if (!row) fail(Exit::data, "slot '{}': unknown initialisation '{}'", slot.name, slot.init.kind);
    return {row->draw, row->scale(slot.init.a, std::max(1.0, fan_in(shape)), fan_out(shape))};
}

/// Element i is a function of the seed, the slot's name and i.
double sample(const Fill& fill, uint64_t seed, uint32_t sub, int64_t i) {
    const rng::Block block = rng::draw(seed, rng::Stream::init, sub, uint64_t(i));
    const double u = rng::to_unit_double(block[0], block[1]), v = rng::to_unit_double(block[2], block[3]);
    if (fill.draw == InitRow::Draw::uniform) return (2 * u - 1) * fill.scale;
    return fill.scale * std::sqrt(-2 * std::log(1 - u)) * std::cos(6.283185307179586476925 * v);
}

template <class T>
void fill_tensor(Tensor& tensor, const Fill& fill, uint64_t seed, uint32_t sub) {
    T* data = tensor.as<T>();
    parallel_for(tensor.size(), 4096, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
            data[i] = fill.draw == InitRow::Draw::constant ? T(fill.scale) : T(sample(fill, seed, sub, i));
    });
}

} // namespace

void initialise(const Graph& graph, State& state, uint64_t seed) {
    for (const Slot& slot : graph.slots) {
        const Type& type = graph.type(slot.value);
        const Dims shape = dims(type.shape);
        if (state.contains(slot.name)) {
            const Tensor& there = state.at(slot.name);
            if (there.dtype() != type.dtype || there.shape() != shape)
                fail(Exit::data, "'{}' is {}{} where the graph has {}", slot.name, name(there.dtype()),
                     text(there.shape()), text(type));
            continue;
        }
        Tensor tensor(type.dtype, shape);
        const Fill fill = rule(slot, shape);
        const uint32_t sub = rng::sub_stream(slot.name.data(), slot.name.size());
        if (type.dtype == DType::f32) fill_tensor<float>(tensor, fill, seed, sub);
        else if (type.dtype == DType::f64) fill_tensor<double>(tensor, fill, seed, sub);
        else if (type.dtype == DType::i64) fill_tensor<int64_t>(tensor, fill, seed, sub);
        else if (fill.draw != InitRow::Draw::constant || fill.scale != 0)
            fail(Exit::data, "slot '{}': {} cannot be initialised with '{}'", slot.name, name(type.dtype),
                 slot.init.kind);
        state.set(slot.name, std::move(tensor));
    }
}

} // namespace ds
