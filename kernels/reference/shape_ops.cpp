#include "ops/shape_ops.h"

#include <algorithm>
#include <cstring>

#include "kernels/reference/all.h"
#include "kernels/reference/plain.h"

namespace ds::kernels::reference {
namespace {

size_t element_bytes(DType dtype) { return size_t(bits(dtype)) / 8; }

/// A kernel that moves elements of any dtype: from_index(index of out) is the flat place in the input, -1 for none.
template <class F>
void move_elements(const TensorView& from, const TensorView& to, F&& from_index) {
    const size_t size = element_bytes(to.dtype);
    for_each_index(to.shape, [&](const Dims& index, int64_t i) {
        const int64_t j = from_index(index);
        if (j >= 0) std::memcpy(to.data + size_t(i) * size, from.data + size_t(j) * size, size);
    });
}

int64_t flat(const Dims& shape, const Dims& index) {
    int64_t offset = 0;
    for (size_t d = 0; d < shape.size(); ++d) offset = offset * shape[d] + index[d];
    return offset;
}

std::unique_ptr<Kernel> reduce(const Request& r, std::string& why) {
    const auto attrs = attributes<ReduceAttrs>(r);
    const Dims shape = r.in[0].shape;
    std::vector<bool> reduced(shape.size(), attrs.axes.empty());
    for (int64_t axis : attrs.axes) reduced[size_t(axis)] = true;
    return for_numbers(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const int64_t results = call.out[0].size(), per_result = results ? call.in[0].size() / results : 0;
            std::vector<double> total(size_t(results), 0);
            std::vector<int64_t> seen(size_t(results), 0);
            for_each_index(shape, [&](const Dims& index, int64_t i) {
                int64_t place = 0;
                for (size_t d = 0; d < shape.size(); ++d)
                    if (!reduced[d]) place = place * shape[d] + index[d];
                const double x = double(call.in[0].as<T>()[i]);
                double& sum = total[size_t(place)];
                const bool first = seen[size_t(place)]++ == 0;
                if (attrs.kind == ReduceKind::max) sum = first || x > sum || x != x ? x : sum;
                else if (attrs.kind == ReduceKind::min) sum = first || x < sum || x != x ? x : sum;
                else sum += x;
            });
            for (int64_t i = 0; i < results; ++i)
                call.out[0].as<T>()[i] = static_cast<T>(
                    attrs.kind == ReduceKind::mean ? total[size_t(i)] / double(per_result) : total[size_t(i)]);
        };
    });
}

std::unique_ptr<Kernel> argmax(const Request& r, std::string& why) {
    const int64_t axis = r.as<AxisAttrs>().axis;
    return for_numbers(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            const AroundAxis a(call.in[0].shape, axis);
            for (int64_t o = 0; o < a.outer; ++o)
                for (int64_t i = 0; i < a.inner; ++i) {
                    const T* x = call.in[0].as<T>() + o * a.size * a.inner + i;
                    int64_t best = 0;
                    for (int64_t k = 1; k < a.size; ++k)
                        if (x[k * a.inner] > x[best * a.inner]) best = k;
                    call.out[0].as<int32_t>()[o * a.inner + i] = int32_t(best);
                }
        };
    });
}

std::unique_ptr<Kernel> reshape(const Request&, std::string&) {
    return plain(
        [](const Call& call) {
            std::memmove(call.out[0].data, call.in[0].data,
                         size_t(call.in[0].size()) * element_bytes(call.in[0].dtype));
        },
        {{0, 0}});
}

std::unique_ptr<Kernel> transpose(const Request& r, std::string&) {
    const std::vector<int64_t> perm = r.as<TransposeAttrs>().perm;
    return plain([=](const Call& call) {
        Dims from(perm.size());
        move_elements(call.in[0], call.out[0], [&](const Dims& index) {
            for (size_t d = 0; d < perm.size(); ++d) from[size_t(perm[d])] = index[d];
            return flat(call.in[0].shape, from);
        });
    });
}

std::unique_ptr<Kernel> broadcast(const Request&, std::string&) {
    return plain([](const Call& call) {
        move_elements(call.in[0], call.out[0],
                      [&](const Dims& index) { return broadcast_offset(call.in[0].shape, index); });
    });
}

std::unique_ptr<Kernel> concat(const Request& r, std::string&) {
    const int64_t axis = r.as<AxisAttrs>().axis;
    return plain([=](const Call& call) {
        const AroundAxis to(call.out[0].shape, axis);
        const size_t size = element_bytes(call.out[0].dtype);
        int64_t start = 0;
        for (const TensorView& x : call.in) {
            const AroundAxis from(x.shape, axis);
            const size_t run = size_t(from.size * from.inner) * size;
            for (int64_t o = 0; o < to.outer; ++o)
                std::memcpy(call.out[0].data + size_t((o * to.size + start) * to.inner) * size,
                            x.data + size_t(o) * run, run);
            start += from.size;
        }
    });
}

std::unique_ptr<Kernel> slice(const Request& r, std::string&) {
    const auto attrs = attributes<SliceAttrs>(r);
    return plain([=](const Call& call) {
        Dims from;
        move_elements(call.in[0], call.out[0], [&](const Dims& index) {
            from = index;
            from[size_t(attrs.axis)] += attrs.start.value();
            return flat(call.in[0].shape, from);
        });
    });
}

std::unique_ptr<Kernel> pad(const Request& r, std::string& why) {
    const auto attrs = attributes<PadAttrs>(r);
    return for_numbers(r.in[0].dtype, why, [=](auto zero) -> Body {
        using T = decltype(zero);
        return [=](const Call& call) {
            std::fill_n(call.out[0].as<T>(), call.out[0].size(), static_cast<T>(attrs.value));
            for_each_index(call.in[0].shape, [&](const Dims& index, int64_t i) {
                Dims to = index;
                for (size_t d = 0; d < to.size(); ++d) to[d] += attrs.before[d].value();
                call.out[0].as<T>()[flat(call.out[0].shape, to)] = call.in[0].as<T>()[i];
            });
        };
    });
}

void check_index(int64_t index, int64_t rows, int64_t place) {
    if (index < 0 || index >= rows)
        fail(Exit::data, "index {} at place {} is outside the table of {} rows", index, place, rows);
}

std::unique_ptr<Kernel> gather(const Request&, std::string&) {
    return plain([](const Call& call) {
        const TensorView &table = call.in[0], &index = call.in[1];
        const size_t row = size_t(table.size() / std::max<int64_t>(1, table.shape[0])) * element_bytes(table.dtype);
        for (int64_t i = 0; i < index.size(); ++i) {
            const int64_t k = index_at(index, i);
            check_index(k, table.shape[0], i);
            std::memcpy(call.out[0].data + size_t(i) * row, table.data + size_t(k) * row, row);
        }
    });
}

std::unique_ptr<Kernel> gather_dw(const Request& r, std::string& why) {
    return for_floats(r.in[0].dtype, why, [](auto zero) -> Body {
        using T = decltype(zero);
        return [](const Call& call) {
            const TensorView &dy = call.in[0], &index = call.in[1], &dtable = call.out[0];
            const int64_t places = index.size(), width = places ? dy.size() / places : 0;
            std::vector<double> total(size_t(dtable.size()), 0);
            for (int64_t i = 0; i < places; ++i) {
                const int64_t k = index_at(index, i);
                check_index(k, dtable.shape[0], i);
                for (int64_t c = 0; c < width; ++c) total[size_t(k * width + c)] += double(dy.as<T>()[i * width + c]);
            }
            for (int64_t i = 0; i < dtable.size(); ++i) dtable.as<T>()[i] = T(total[size_t(i)]);
        };
    });
}

std::unique_ptr<Kernel> update_slice(const Request& r, std::string&) {
    const int64_t axis = r.as<AxisAttrs>().axis;
    return plain(
        [=](const Call& call) {
            const TensorView &base = call.in[0], &part = call.in[1], &y = call.out[0];
            const int64_t position = call.in[2].as<int64_t>()[0];
            const AroundAxis to(base.shape, axis), from(part.shape, axis);
            if (position < 0 || position > to.size - from.size)
                fail(Exit::data, "position {} with {} elements is outside an axis of {}", position, from.size, to.size);
            const size_t size = element_bytes(base.dtype), run = size_t(from.size * from.inner) * size;
            if (y.data != base.data) std::memcpy(y.data, base.data, size_t(base.size()) * size);
            for (int64_t o = 0; o < to.outer; ++o)
                std::memcpy(y.data + size_t((o * to.size + position) * to.inner) * size, part.data + size_t(o) * run,
                            run);
        },
        {{0, 0}});
}

} // namespace

void add_shape_ops(Registry& registry) {
    registry.add({"reduce", "reference.reduce", reduce});
    registry.add({"argmax", "reference.argmax", argmax});
    registry.add({"reshape", "reference.reshape", reshape});
    registry.add({"dropout", "reference.dropout", reshape}); // nothing at inference
    registry.add({"transpose", "reference.transpose", transpose});
    registry.add({"broadcast", "reference.broadcast", broadcast});
    registry.add({"concat", "reference.concat", concat});
    registry.add({"slice", "reference.slice", slice});
    registry.add({"pad", "reference.pad", pad});
    registry.add({"gather", "reference.gather", gather});
    registry.add({"gather_dw", "reference.gather_dw", gather_dw});
    registry.add({"update_slice", "reference.update_slice", update_slice});
}

} // namespace ds::kernels::reference
