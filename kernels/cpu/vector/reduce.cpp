// reduce (sum, mean, max, min over any axes) and argmax. Axes are joined to runs of kept and reduced ones; the
// innermost run is a contiguous row that is either reduced itself or kept. Float sums run over short stretches
// and meet in double. Blocked inputs are taken where height and width are reduced (global pooling).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/vector/reduce.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include <algorithm>
#include <limits>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/reduce.h"
#include "kernels/cpu/vector/simd-inl.h"
#include "ops/shape_ops.h"

HWY_BEFORE_NAMESPACE();
namespace ds::kernels::cpu {
namespace HWY_NAMESPACE {
namespace {

template <ReduceKind kind>
HWY_INLINE V join(V a, V b) {
    if constexpr (kind == ReduceKind::sum) return hn::Add(a, b);
    else if constexpr (kind == ReduceKind::max) return hn::IfThenElse(hn::IsNaN(a), a, hn::Max(a, b));
    else return hn::IfThenElse(hn::IsNaN(a), a, hn::Min(a, b));
}
template <ReduceKind kind, class T>
HWY_INLINE T join(T a, T b) {
    if constexpr (kind == ReduceKind::sum) return a + b;
    else if constexpr (kind == ReduceKind::max) return a != a || a > b ? a : b;
    else return a != a || a < b ? a : b;
}

template <ReduceKind kind>
void reduce_row(const float* x, int64_t n, double* total) {
    constexpr int64_t chunk = 4096;
    for (int64_t at = 0; at < n; at += chunk) {
        const size_t m = size_t(std::min(chunk, n - at));
        if constexpr (kind == ReduceKind::sum) {
            *total += double(sum_of(
                m, [](V v) HWY_ATTR { return v; }, x + at));
        } else {
            HWY_ALIGN float lane[lanes];
            V acc = set(x[at]);
            size_t i = 0;
            for (; i + lanes <= m; i += lanes) acc = join<kind>(acc, load(x + at + i));
            hn::Store(acc, F(), lane);
            for (float v : lane) *total = join<kind>(*total, double(v));
            for (; i < m; ++i) *total = join<kind>(*total, double(x[at + int64_t(i)]));
        }
    }
}

template <ReduceKind kind>
void reduce_rows(const float* x, int64_t rows, int64_t stride, int64_t n, double* totals) {
    HWY_ALIGN float acc[1024];
    constexpr int64_t chunk = 128;
    for (int64_t at = 0; at < rows; at += chunk) {
        const float* row = x + at * stride;
        const int64_t end = std::min(chunk, rows - at);
        std::copy(row, row + n, acc);
        int64_t r = 1;
        for (; r + 4 <= end; r += 4)
            map(
                acc, size_t(n),
                [](V s, V a, V b, V c, V d)
                    HWY_ATTR { return join<kind>(s, join<kind>(join<kind>(a, b), join<kind>(c, d))); },
                acc, row + r * stride, row + (r + 1) * stride, row + (r + 2) * stride, row + (r + 3) * stride);
        for (; r < end; ++r)
            map(
                acc, size_t(n), [](V s, V a) HWY_ATTR { return join<kind>(s, a); }, acc, row + r * stride);
        for (int64_t i = 0; i < n; ++i) totals[i] = join<kind>(totals[i], double(acc[i]));
    }
}

ReduceLoops reduce_loops(ReduceKind kind) {
    using K = ReduceKind;
    if (kind == K::max) return {reduce_row<K::max>, reduce_rows<K::max>};
    if (kind == K::min) return {reduce_row<K::min>, reduce_rows<K::min>};
    return {reduce_row<K::sum>, reduce_rows<K::sum>};
}

} // namespace
} // namespace HWY_NAMESPACE
} // namespace ds::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ds::kernels::cpu {
namespace {

HWY_EXPORT(reduce_loops);

constexpr int64_t column_chunk = 1024;

struct Axis {
    int64_t size, stride;
    bool reduced;
};

/// What is left of the axes after joining: kept and reduced outer axes, and the innermost contiguous row.
struct Job {
    std::vector<Axis> kept, reduced;
    int64_t outputs = 1; // product of the kept outer axes
    int64_t row = 1;
    bool row_reduced = true;
    int64_t inner = 1; // outputs of one kept index: 1, or the row when it is kept
    int64_t split = 1; // what is divided between parts: the row, or the first reduced outer axis
    int64_t parts = 1; // 1: threads share the outputs
    ReduceKind kind = ReduceKind::sum;
    double factor = 1;
    ReduceLoops loops{};

    double start() const {
        const double infinity = std::numeric_limits<double>::infinity();
        return kind == ReduceKind::max ? -infinity : kind == ReduceKind::min ? infinity : 0.0;
    }
    double joined(double a, double b) const {
        if (kind == ReduceKind::max) return a != a || a > b ? a : b;
        if (kind == ReduceKind::min) return a != a || a < b ? a : b;
        return a + b;
    }
};

std::vector<Axis> joined_axes(const Dims& shape, const std::vector<bool>& reduced) {
    std::vector<Axis> axes;
    for (size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 1) continue;
        if (!axes.empty() && axes.back().reduced == reduced[i]) axes.back().size *= shape[i];
        else axes.push_back({shape[i], 0, reduced[i]});
    }
    int64_t stride = 1;
    for (size_t i = axes.size(); i-- > 0;) {
        axes[i].stride = stride;
        stride *= axes[i].size;
    }
    return axes;
}

Job make_job(const Dims& shape, const std::vector<bool>& reduced, ReduceKind kind) {
    Job job;
    std::vector<Axis> axes = joined_axes(shape, reduced);
    if (!axes.empty()) {
        job.row = axes.back().size;
        job.row_reduced = axes.back().reduced;
        axes.pop_back();
    }
    for (const Axis& a : axes) (a.reduced ? job.reduced : job.kept).push_back(a);
    for (const Axis& a : job.kept) job.outputs *= a.size;
    job.inner = job.row_reduced ? 1 : job.row;
    job.split = job.row_reduced ? job.row : job.reduced.empty() ? 1 : job.reduced[0].size;
    const int64_t wanted = std::clamp<int64_t>(count(shape) / min_work, 1, threads());
    if (job.outputs < wanted) job.parts = std::min(wanted, job.split);
    if (kind == ReduceKind::mean) job.factor = double(job.outputs * job.inner) / double(count(shape));
    job.kind = kind == ReduceKind::mean ? ReduceKind::sum : kind;
    job.loops = HWY_DYNAMIC_DISPATCH(reduce_loops)(job.kind);
    return job;
}

int64_t offset_of(const std::vector<Axis>& axes, int64_t index) {
    int64_t offset = 0;
    for (size_t d = axes.size(); d-- > 0;) {
        offset += index % axes[d].size * axes[d].stride;
        index /= axes[d].size;
    }
    return offset;
}

/// totals[0, n) for one kept index, columns [column, column + n) of a kept row, and one part of `split`.
void reduce_part(const Job& job, const float* x, int64_t part, int64_t column, int64_t n, double* totals) {
    std::fill(totals, totals + n, job.start());
    const int64_t begin = job.split * part / job.parts, end = job.split * (part + 1) / job.parts;
    if (job.row_reduced) {
        int64_t times = 1;
        for (const Axis& a : job.reduced) times *= a.size;
        for (int64_t q = 0; q < times; ++q) job.loops.row(x + offset_of(job.reduced, q) + begin, end - begin, totals);
        return;
    }
    if (job.reduced.empty()) {
        for (int64_t i = 0; i < n; ++i) totals[i] = double(x[column + i]);
        return;
    }
    // The innermost reduced axis is a loop of rows; those before it are counted through.
    std::vector<Axis> outer(job.reduced.begin(), job.reduced.end() - 1);
    const Axis& rows = job.reduced.back();
    if (outer.empty()) {
        job.loops.rows(x + begin * rows.stride + column, end - begin, rows.stride, n, totals);
        return;
    }
    int64_t each = 1;
    for (size_t d = 1; d < outer.size(); ++d) each *= outer[d].size;
    for (int64_t q = begin * each; q < end * each; ++q)
        job.loops.rows(x + offset_of(outer, q) + column, rows.size, rows.stride, n, totals);
}

void run_job(const Job& job, const float* x, float* y, std::byte* scratch) {
    const int64_t chunks = (job.inner + column_chunk - 1) / column_chunk, tasks = job.outputs * chunks;
    const auto task = [&](int64_t t, int64_t part, double* totals) {
        const int64_t o = t / chunks, column = t % chunks * column_chunk;
        const int64_t n = std::min(column_chunk, job.inner - column);
        reduce_part(job, x + offset_of(job.kept, o), part, column, n, totals);
        return std::pair{y + o * job.inner + column, n};
    };
    if (job.parts == 1) {
        const int64_t work = std::max<int64_t>(1, job.split * std::max<int64_t>(1, job.row_reduced ? 1 : job.row));
        parallel_for(tasks, std::max<int64_t>(1, min_work / work), [&](int64_t begin, int64_t end) {
            double totals[column_chunk];
            for (int64_t t = begin; t < end; ++t) {
                const auto [out, n] = task(t, 0, totals);
                for (int64_t i = 0; i < n; ++i) out[i] = float(totals[i] * job.factor);
            }
        });
        return;
    }
    double* partial = reinterpret_cast<double*>(scratch);
    const int64_t size = job.outputs * chunks * column_chunk;
    parallel_for(job.parts, 1, [&](int64_t begin, int64_t end) {
        for (int64_t p = begin; p < end; ++p)
            for (int64_t t = 0; t < tasks; ++t) task(t, p, partial + p * size + t * column_chunk);
    });
    for (int64_t t = 0; t < tasks; ++t) {
        const int64_t o = t / chunks, column = t % chunks * column_chunk;
        for (int64_t i = 0; i < std::min(column_chunk, job.inner - column); ++i) {
            double total = partial[t * column_chunk + i];
            for (int64_t p = 1; p < job.parts; ++p) total = job.joined(total, partial[p * size + t * column_chunk + i]);
            y[o * job.inner + column + i] = float(total * job.factor);
        }
    }
}

/// Height and width of a blocked input: every (sample, channel block) is `area` rows of `block`.
std::unique_ptr<Kernel> make_pooling(const Job& job, const Dims& shape, Layout layout) {
    const int64_t blocks = (shape[1] + layout.block - 1) / layout.block, area = shape[2] * shape[3],
                  channels = shape[1];
    const int block = layout.block;
    const double factor = job.factor;
    auto kernel = make_kernel([=](const Call& call) {
        const float* x = call.in[0].as<float>();
        float* y = call.out[0].as<float>();
        const int64_t work = std::max<int64_t>(1, area * block);
        parallel_for(shape[0] * blocks, std::max<int64_t>(1, min_work / work), [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t) {
                double totals[16];
                std::fill(totals, totals + 16, job.start());
                job.loops.rows(x + t * area * block, area, block, block, totals);
                const int64_t n = t / blocks, first = t % blocks * block;
                for (int64_t c = first; c < std::min(channels, first + block); ++c)
                    y[n * channels + c] = float(totals[c - first] * factor);
            }
        });
    });
    kernel->in_layout = {layout};
    kernel->out_layout = {Layout{}};
    return kernel;
}

std::unique_ptr<Kernel> make_reduce(const Request& request, std::string& why) {
    if (!all_f32(request, why)) return nullptr;
    const auto& attrs = request.as<ReduceAttrs>();
    const Dims& shape = request.in[0].shape;
    if (count(shape) == 0) return refuse(why, "no elements"), nullptr;
    std::vector<bool> reduced(shape.size(), attrs.axes.empty());
    for (int64_t axis : attrs.axes) reduced[size_t(axis)] = true;
    const Job job = make_job(shape, reduced, attrs.kind);
    const Layout layout = shape.size() == 4 ? request.in[0].layout : Layout{};
    if (layout.block && !reduced[0] && !reduced[1] && reduced[2] && reduced[3]) return make_pooling(job, shape, layout);
    auto kernel = make_kernel(
        [job](const Call& call) { run_job(job, call.in[0].as<float>(), call.out[0].as<float>(), call.scratch); });
    if (job.parts > 1)
        kernel->scratch = size_t(job.parts * job.outputs * round_up(job.inner, column_chunk)) * sizeof(double);
    return kernel;
}

template <class T>
void argmax_slices(const T* x, int32_t* y, int64_t size, int64_t inner, int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) { // t: an (outer, inner) index
        const T* first = x + t / inner * size * inner + t % inner;
        int64_t best = 0;
        for (int64_t k = 1; k < size; ++k)
            if (first[k * inner] > first[best * inner]) best = k;
        y[t] = int32_t(best);
    }
}

std::unique_ptr<Kernel> make_argmax(const Request& request, std::string& why) {
    if (request.in[0].dtype != DType::f32) return refuse(why, "needs f32"), nullptr;
    const Dims& shape = request.in[0].shape;
    const size_t axis = size_t(request.as<AxisAttrs>().axis);
    const int64_t size = shape[axis];
    if (size == 0) return refuse(why, "no elements"), nullptr;
    int64_t inner = 1;
    for (size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
    const int64_t outputs = count(shape) / size;
    return make_kernel([=](const Call& call) {
        parallel_for(outputs, std::max<int64_t>(1, min_work / size), [&](int64_t begin, int64_t end) {
            argmax_slices(call.in[0].as<float>(), call.out[0].as<int32_t>(), size, inner, begin, end);
        });
    });
}

} // namespace

void add_reduce(Registry& registry) {
    registry.add({"reduce", "cpu.vector.reduce", make_reduce});
    registry.add({"argmax", "cpu.vector.argmax", make_argmax});
}

} // namespace ds::kernels::cpu
#endif
