// Times the kernels of convolution, linear layers and attention on the layers of the shipped models, beside
// PyTorch where $DS_BENCH_PYTHON names a Python that has it (kernel_peer.py). Columns: median milliseconds,
// GFLOP/s, share of the peak of fused multiply-adds (measured here on as many threads), PyTorch's milliseconds in the
// better of its two memory formats, measured in turns with ours, and the ratio. An argument keeps the cases whose
// name contains it.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "base/rng.h"
#include "kernels/kernel.h"
#include "ops/attention.h"
#include "ops/conv.h"
#include "ops/linear.h"
#include "peer.h"

namespace {

using namespace ds;
using namespace ds::kernels;

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double median(std::vector<double> times) {
    std::nth_element(times.begin(), times.begin() + long(times.size() / 2), times.end());
    return times[times.size() / 2];
}

// --- the peak ---------------------------------------------------------------------------------------------------

constexpr int chains = 12; // independent sums: latency times units, and they fit the registers of AVX2

template <class Vector>
inline __attribute__((always_inline)) float multiply_add(int64_t rounds) {
    Vector sum[chains] = {}, factor = sum[0] + 0.5f;
    for (int64_t r = 0; r < rounds; ++r)
        for (int i = 0; i < chains; ++i) sum[i] = sum[i] * factor + factor;
    for (int i = 1; i < chains; ++i) sum[0] += sum[i];
    return sum[0][0];
}

using Vector8 = float __attribute__((vector_size(32)));
using Vector16 = float __attribute__((vector_size(64)));
__attribute__((target("avx2,fma"))) float multiply_add_256(int64_t rounds) { return multiply_add<Vector8>(rounds); }
__attribute__((target("avx512f"))) float multiply_add_512(int64_t rounds) { return multiply_add<Vector16>(rounds); }

/// GFLOP/s of fused multiply-adds on all threads together.
double measure_peak() {
    const bool wide = __builtin_cpu_supports("avx512f");
    const int64_t rounds = 4'000'000;
    double best = 0;
    for (int repeat = 0; repeat < 3; ++repeat) {
        std::vector<float> sink(size_t(threads()) * 16);
        const double start = seconds();
        parallel_for(threads(), 1, [&](int64_t begin, int64_t end) {
            for (int64_t t = begin; t < end; ++t)
                sink[size_t(t) * 16] = wide ? multiply_add_512(rounds) : multiply_add_256(rounds);
        });
        const double flops = 2.0 * double(rounds) * chains * (wide ? 16 : 8) * threads();
        best = std::max(best, flops / (seconds() - start) * (sink[0] == -1 ? 0 : 1e-9));
    }
    return best;
}

// --- the cases --------------------------------------------------------------------------------------------------

struct Case {
    std::string name, op;
    AttrsPtr attrs;
    std::vector<Dims> in, out;
    double flops; // 0: memory-bound
    std::string peer;
};

void add_conv(std::vector<Case>& cases, std::string_view name, int64_t n, int64_t c, int64_t size, int64_t o, int64_t k,
              int64_t stride, bool dx = true) {
    ConvAttrs conv;
    conv.stride = {stride, stride};
    conv.pad.assign(4, k / 2);
    const int64_t to = (size + 2 * (k / 2) - k) / stride + 1;
    const Dims x{n, c, size, size}, w{o, c, k, k}, y{n, o, to, to};
    const double flops = 2.0 * double(count(y)) * double(c * k * k);
    const std::string sizes = fmt::format("{} {} {} {} {} {}", n, c, size, o, k, stride);
    ConvGradAttrs for_x, for_w;
    for_x.conv = for_w.conv = conv;
    for_x.size = {size, size};
    for_w.size = {k, k};
    cases.push_back({fmt::format("{} conv2d", name), "conv2d", attrs_of(conv), {x, w}, {y}, flops, "conv2d " + sizes});
    if (dx)
        cases.push_back({fmt::format("{} conv2d_dx", name),
                         "conv2d_dx",
                         attrs_of(for_x),
                         {y, w},
                         {x},
                         flops,
                         "conv2d_dx " + sizes});
    cases.push_back(
        {fmt::format("{} conv2d_dw", name), "conv2d_dw", attrs_of(for_w), {x, y}, {w}, flops, "conv2d_dw " + sizes});
}

void add_linear(std::vector<Case>& cases, std::string_view name, int64_t m, int64_t i, int64_t o) {
    const Dims x{m, i}, w{o, i}, y{m, o};
    const double flops = 2.0 * double(m * i * o);
    const std::string sizes = fmt::format("{} {} {}", m, i, o);
    LinearDwAttrs with_bias;
    with_bias.bias = true;
    cases.push_back(
        {fmt::format("{} linear", name), "linear", attrs_of(NoAttrs()), {x, w, {o}}, {y}, flops, "linear " + sizes});
    cases.push_back({fmt::format("{} linear_dx", name),
                     "linear_dx",
                     attrs_of(NoAttrs()),
                     {y, w},
                     {x},
                     flops,
                     "linear_dx " + sizes});
    cases.push_back({fmt::format("{} linear_dw", name),
                     "linear_dw",
                     attrs_of(with_bias),
                     {x, y},
                     {w, {o}},
                     flops,
                     "linear_dw " + sizes});
}

void add_attention(std::vector<Case>& cases, std::string_view name, int64_t n, int64_t t, int64_t h, int64_t d) {
    AttentionAttrs causal;
    causal.causal = true;
    const Dims q{n, t, h, d}, lse{n, h, t};
    const double product = double(n * h * t * t * d); // half of it is above the diagonal
    const std::string sizes = fmt::format("{} {} {} {}", n, t, h, d);
    cases.push_back({fmt::format("{} attention", name),
                     "attention",
                     attrs_of(causal),
                     {q, q, q},
                     {q, lse},
                     2 * product,
                     "attention " + sizes});
    cases.push_back({fmt::format("{} attention_dx", name),
                     "attention_dx",
                     attrs_of(causal),
                     {q, q, q, q, q, lse},
                     {q, q, q},
                     5 * product,
                     "attention_dx " + sizes});
}

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    add_conv(cases, "fashion-cnn 1", 128, 1, 28, 32, 3, 1, false);
    add_conv(cases, "fashion-cnn 2", 128, 32, 14, 64, 3, 1);
    add_conv(cases, "fashion-cnn 3", 128, 64, 7, 128, 3, 1);
    add_linear(cases, "fashion-cnn", 128, 1152, 10);
    add_conv(cases, "resnet18 stem", 128, 3, 32, 64, 3, 1, false);
    for (int64_t stage = 0, c = 64, size = 32; stage < 4; ++stage, c *= 2, size /= 2) {
        const std::string name = fmt::format("resnet18 {}", stage + 1);
        if (stage > 0) add_conv(cases, name + " down", 128, c / 2, 2 * size, c, 3, 2);
        if (stage > 0) add_conv(cases, name + " skip", 128, c / 2, 2 * size, c, 1, 2);
        add_conv(cases, name, 128, c, size, c, 3, 1);
    }
    add_linear(cases, "gpt-tiny qkv", 4096, 384, 1152);
    add_linear(cases, "gpt-tiny out", 4096, 384, 384);
    add_linear(cases, "gpt-tiny up", 4096, 384, 1536);
    add_linear(cases, "gpt-tiny down", 4096, 1536, 384);
    add_linear(cases, "gpt-tiny head", 4096, 384, 256);
    add_attention(cases, "gpt-tiny", 16, 256, 6, 64);
    add_linear(cases, "mlp 1", 128, 784, 256);
    return cases;
}

// --- one case ---------------------------------------------------------------------------------------------------

/// A kernel with memory for its operands, in the layouts that it asks for.
class Bench {
public:
    explicit Bench(const Case& c) {
        std::vector<Operand> from, to;
        for (const Dims& shape : c.in) from.push_back({DType::f32, shape, {}, contiguous_strides(shape)});
        for (const Dims& shape : c.out) to.push_back({DType::f32, shape, {}, contiguous_strides(shape)});
        Choice choice = choose(registry("cpu"), Request{c.op, *c.attrs, from, to, {}, {}, {}, {}});
        kernel_ = std::move(choice.kernel);
        name = choice.name;
        in_ = views(c.in, kernel_->in_layout);
        out_ = views(c.out, kernel_->out_layout);
        for (size_t i = 0; i < kernel_->packings.size(); ++i) {
            const Packing& p = kernel_->packings[i];
            std::byte* packed = memory(p.bytes);
            kernel_->pack(int(i), in_[size_t(p.input)], packed, memory(int64_t(p.scratch)));
            in_[size_t(p.input)].data = packed;
        }
        scratch_ = memory(int64_t(kernel_->scratch));
    }

    /// Seconds of one run, after one that lets the other process's threads come to rest.
    double run() const {
        kernel_->run({in_, out_, scratch_});
        const double start = seconds();
        kernel_->run({in_, out_, scratch_});
        return seconds() - start;
    }

    std::string name;

private:
    std::byte* memory(int64_t bytes) {
        tensors_.emplace_back(DType::f32, Dims{bytes / 4 + 16});
        rng::Sequence numbers(1, rng::Stream::init, uint32_t(tensors_.size()));
        for (float& x : tensors_.back().span<float>()) x = float(numbers.uniform() - 0.5);
        return tensors_.back().data();
    }

    std::vector<TensorView> views(const std::vector<Dims>& shapes, const std::vector<Layout>& layouts) {
        std::vector<TensorView> views;
        for (size_t i = 0; i < shapes.size(); ++i) {
            const Layout layout = layouts.empty() ? Layout{} : layouts[i];
            views.push_back({memory(bytes(DType::f32, shapes[i], layout)), DType::f32, shapes[i],
                             contiguous_strides(shapes[i]), layout});
        }
        return views;
    }

    std::vector<Tensor> tensors_;
    std::vector<TensorView> in_, out_;
    std::byte* scratch_ = nullptr;
    std::unique_ptr<Kernel> kernel_;
};

void measure(const Case& c, double peak, Peer* peer) {
    const Bench bench(c);
    bench.run();
    std::vector<double> ours, theirs;
    for (double spent = 0; ours.size() < 5 || (spent < 0.4 && ours.size() < 100);) {
        ours.push_back(bench.run());
        spent += ours.back();
        if (peer && theirs.size() < 20) theirs.push_back(peer->seconds(c.peer, 1));
    }
    const double time = median(ours), rate = c.flops / time * 1e-9;
    fmt::print("{:26} {:22} {:9.3f} {:8.1f} {:6.0f} %", c.name, bench.name, time * 1e3, rate, 100 * rate / peak);
    if (peer) fmt::print(" {:9.3f} {:6.2f}", median(theirs) * 1e3, median(theirs) / time);
    fmt::print("\n");
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    const double peak = measure_peak();
    const char* python = std::getenv("DS_BENCH_PYTHON");
    Peer process(python, DS_BENCH_DIR "/kernel_peer.py", std::to_string(threads()));
    Peer* peer = python ? &process : nullptr;
    fmt::print("{} threads, peak {:.0f} GFLOP/s\n", threads(), peak);
    fmt::print("{:26} {:22} {:>9} {:>8} {:>8} {:>9} {:>6}\n", "case", "kernel", "ms", "GFLOP/s", "of peak",
               peer ? "torch ms" : "", peer ? "ratio" : "");
    for (const Case& c : all_cases())
        if (argc < 2 || c.name.find(argv[1]) != std::string::npos) measure(c, peak, peer);
}
