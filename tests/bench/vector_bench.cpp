// Times the vector kernels alone, op by op, at the sizes of fashion-cnn, resnet18 and gpt-tiny: milliseconds, bytes per
// second against a plain threaded copy, and PyTorch's time for the same work in the same run (vector_peer.py under
// $DS_BENCH_PYTHON; the columns stay empty without it). Rounds alternate; medians are told.
// Usage: vector_bench [--cpu] [ROW-SUBSTRING]     --cpu: one thread and its CPU time, for a machine that others use
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>

#include "base/parallel.h"
#include "kernels/kernel.h"
#include "ops/elementwise.h"
#include "ops/fused.h"
#include "ops/loss.h"
#include "ops/norm.h"
#include "ops/random.h"
#include "ops/shape_ops.h"
#include "ops/update.h"
#include "peer.h"

namespace {

using namespace ds;
using kernels::Operand;

struct Spec {
    Dims shape;
    int block = 0; // of a blocked layout
    DType dtype = DType::f32;
    int64_t below = 0; // integers: values in [0, below)
};

struct Row {
    std::string name, op, pattern;
    AttrsPtr attrs;
    std::vector<Spec> in, out;
    double passes = 0; // bytes moved at least, in units of the first input
    std::vector<kernels::Part> parts = {};
    std::vector<AttrsPtr> part_attrs = {};
    std::vector<int> results = {};
    std::vector<Spec> inner = {};                         // fused: values between the parts, in order, outputs included
    std::vector<std::pair<size_t, size_t>> in_place = {}; // {output, input} in one memory
};

Layout layout_of(const Spec& s) { return s.block ? Layout{Format::blocked, s.block} : Layout{}; }

Operand operand(const Spec& s) {
    Operand o;
    o.dtype = s.dtype;
    o.shape = s.shape;
    o.layout = layout_of(s);
    if (!s.block) o.strides = contiguous_strides(s.shape);
    return o;
}

struct Memory {
    std::shared_ptr<std::byte> bytes;
    TensorView view;
};

Memory memory(const Spec& s, std::mt19937& random) {
    Memory m;
    const int64_t size = bytes(s.dtype, s.shape, layout_of(s));
    m.bytes = allocate_bytes(size_t(size));
    std::uniform_real_distribution<float> real(0.1f, 1.0f);
    if (s.dtype == DType::f32)
        for (int64_t i = 0; i < size / 4; ++i)
            reinterpret_cast<float*>(m.bytes.get())[i] = real(random) * (i % 2 ? 1.0f : -1.0f);
    else if (s.dtype == DType::i64)
        for (int64_t i = 0; i < size / 8; ++i)
            reinterpret_cast<int64_t*>(m.bytes.get())[i] = s.below ? int64_t(random() % uint64_t(s.below)) : 1;
    else std::memset(m.bytes.get(), 1, size_t(size));
    m.view = {m.bytes.get(), s.dtype, s.shape, s.block ? Dims{} : contiguous_strides(s.shape), layout_of(s)};
    return m;
}

bool cpu_time = false;

double now() {
    timespec t{};
    clock_gettime(cpu_time ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return double(t.tv_sec) + double(t.tv_nsec) * 1e-9;
}

double seconds_of(const std::function<void()>& work) {
    const double start = now();
    work();
    return now() - start;
}

double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

/// A kernel with its operands, ready to run.
class Prepared {
public:
    explicit Prepared(const Row& row) {
        std::mt19937 random(7);
        std::vector<Operand> in, out, values;
        for (const Spec& s : row.in) in.push_back(operand(s));
        for (const Spec& s : row.out) out.push_back(operand(s));
        values = in;
        for (const Spec& s : row.inner) values.push_back(operand(s));
        std::vector<kernels::Part> parts = row.parts;
        for (size_t i = 0; i < parts.size(); ++i) parts[i].attrs = row.part_attrs[i].get();
        const kernels::Request request{row.op, *row.attrs, in, out, row.pattern, parts, row.results, values};
        choice_ = kernels::choose(kernels::registry("cpu"), request);
        for (const Spec& s : row.in) memory_.push_back(memory(s, random));
        for (const Spec& s : row.out) memory_.push_back(memory(s, random));
        for (size_t i = 0; i < memory_.size(); ++i) (i < row.in.size() ? in_ : out_).push_back(memory_[i].view);
        for (auto [to, from] : row.in_place) out_[to] = in_[from];
        scratch_ = allocate_bytes(choice_.kernel->scratch + 64);
    }
    void run() { choice_.kernel->run({in_, out_, scratch_.get()}); }
    std::string_view kernel() const { return choice_.name; }

private:
    kernels::Choice choice_;
    std::vector<Memory> memory_;
    std::vector<TensorView> in_, out_;
    std::shared_ptr<std::byte> scratch_;
};

/// Bytes per second, read and written, of a threaded copy of 64 MiB.
double copy_bandwidth() {
    const int64_t n = int64_t{64} << 20;
    auto a = allocate_bytes(size_t(n)), b = allocate_bytes(size_t(n));
    std::memset(a.get(), 1, size_t(n));
    std::memset(b.get(), 1, size_t(n));
    std::vector<double> times;
    for (int i = 0; i < 15; ++i)
        times.push_back(seconds_of([&] {
            parallel_for(n, 1 << 20, [&](int64_t begin, int64_t end) {
                std::memcpy(b.get() + begin, a.get() + begin, size_t(end - begin));
            });
        }));
    return 2 * double(n) / median(times);
}

void measure(const Row& row, Peer& peer, double bandwidth) {
    Prepared ours(row);
    const double once = std::max(1e-6, std::min({seconds_of([&] { ours.run(); }), seconds_of([&] { ours.run(); })}));
    const int repeats = std::clamp(int(0.03 / once), 1, 1000);
    std::vector<double> mine, theirs, ratios;
    for (int round = 0; round < 7; ++round) {
        mine.push_back(seconds_of([&] {
                           for (int i = 0; i < repeats; ++i) ours.run();
                       }) /
                       repeats);
        const double other = peer.seconds(row.name, repeats);
        if (other > 0) {
            theirs.push_back(other);
            ratios.push_back(other / mine.back());
        }
    }
    const double moved = row.passes * double(bytes(row.in[0].dtype, row.in[0].shape));
    fmt::print("{:<34} {:<26} {:>8.3f} {:>7.1f} {:>6.0f}", row.name, ours.kernel(), median(mine) * 1e3,
               moved / median(mine) / 1e9, 100 * moved / median(mine) / bandwidth);
    if (!theirs.empty()) fmt::print(" {:>9.3f} {:>6.2f}", median(theirs) * 1e3, median(ratios));
    fmt::print("\n");
    std::fflush(stdout);
}

template <class T>
AttrsPtr with(std::function<void(T&)> set) {
    T attrs;
    set(attrs);
    return attrs_of(attrs);
}
AttrsPtr unary(UnaryKind kind) {
    return with<UnaryAttrs>([=](auto& a) { a.kind = kind; });
}
AttrsPtr binary(BinaryKind kind) {
    return with<BinaryAttrs>([=](auto& a) { a.kind = kind; });
}

Row chain(const std::string& name, std::vector<Spec> in, const Spec& out, std::vector<kernels::Part> parts,
          std::vector<AttrsPtr> attrs, double passes) {
    Row row{name, "fused", "chain", attrs_of(FusedAttrs{}), std::move(in), {out}, passes};
    row.inner.assign(parts.size(), out);
    row.results = {parts.back().out[0]};
    row.parts = std::move(parts);
    row.part_attrs = std::move(attrs);
    return row;
}

void add_norms(std::vector<Row>& rows, const std::string& where, const Spec& x) {
    const Spec c{{x.shape[1]}};
    const std::vector<Spec> vectors{c, c, c, c};
    Row train{
        "batch norm + relu, " + where, "fused", "norm", attrs_of(FusedAttrs{}), {x, c, c, c, c}, {x, c, c, c, c}, 3};
    train.parts = {{"batch_norm_train", nullptr, {0, 1, 2, 3, 4}, {5, 6, 7, 8, 9}}, {"unary", nullptr, {5}, {10}}};
    train.part_attrs = {attrs_of(BatchNormAttrs{}), unary(UnaryKind::relu)};
    train.inner = {x, c, c, c, c, x};
    train.results = {10, 6, 7, 8, 9};
    rows.push_back(train);
    Row back{"batch norm + relu gradient, " + where,
             "fused",
             "norm_dx",
             attrs_of(FusedAttrs{}),
             {x, x, x, c, c, c},
             {x, c, c},
             7};
    back.parts = {{"unary_dx", nullptr, {0, 1}, {6}}, {"batch_norm_dx", nullptr, {6, 2, 3, 4, 5}, {7, 8, 9}}};
    back.part_attrs = {unary(UnaryKind::relu), attrs_of(NoAttrs{})};
    back.inner = {x, x, c, c};
    back.results = {7, 8, 9};
    rows.push_back(back);
}

void add_elementwise(std::vector<Row>& rows) {
    const Spec image{{128, 64, 32, 32}, 16}, tokens{{4096, 1536}}, bias{{1536}};
    rows.push_back({"relu, resnet", "unary", "", unary(UnaryKind::relu), {image}, {image}, 2});
    rows.push_back(chain("add + relu, resnet", {image, image}, image,
                         {{"binary", nullptr, {0, 1}, {2}}, {"unary", nullptr, {2}, {3}}},
                         {binary(BinaryKind::add), unary(UnaryKind::relu)}, 3));
    rows.push_back(chain("bias + gelu, gpt", {tokens, bias}, tokens,
                         {{"binary", nullptr, {0, 1}, {2}}, {"unary", nullptr, {2}, {3}}},
                         {binary(BinaryKind::add), unary(UnaryKind::gelu)}, 2));
    rows.push_back({"gelu, gpt", "unary", "", unary(UnaryKind::gelu), {tokens}, {tokens}, 2});
    rows.push_back({"bias, gpt", "binary", "", binary(BinaryKind::add), {tokens, bias}, {tokens}, 2});
    rows.push_back({"gelu gradient, gpt", "unary_dx", "", unary(UnaryKind::gelu), {tokens, tokens}, {tokens}, 3});
}

void add_rows_ops(std::vector<Row>& rows) {
    const Spec x{{4096, 384}}, c{{384}}, r{{4096}}, logits{{4096, 256}}, label{{4096}, 0, DType::i64, 256};
    rows.push_back({"layer norm, gpt", "layer_norm", "", attrs_of(RowNormAttrs{}), {x, c, c}, {x, r, r}, 2});
    Row gelu{"layer norm + gelu, gpt", "fused", "norm", attrs_of(FusedAttrs{}), {x, c, c}, {x, r, r}, 2};
    gelu.parts = {{"layer_norm", nullptr, {0, 1, 2}, {3, 4, 5}}, {"unary", nullptr, {3}, {6}}};
    gelu.part_attrs = {attrs_of(RowNormAttrs{}), unary(UnaryKind::gelu)};
    gelu.inner = {x, r, r, x};
    gelu.results = {6, 4, 5};
    rows.push_back(gelu);
    rows.push_back(
        {"layer norm gradient, gpt", "layer_norm_dx", "", attrs_of(NoAttrs{}), {x, x, c, r, r}, {x, c, c}, 3});
    const Spec scores{{96, 256, 256}};
    const AttrsPtr last = with<AxisAttrs>([](auto& a) { a.axis = 2; });
    rows.push_back({"softmax, gpt", "softmax", "", last, {scores}, {scores}, 2});
    rows.push_back({"softmax gradient, gpt", "softmax_dx", "", last, {scores, scores}, {scores}, 3});
    rows.push_back(
        {"cross entropy, gpt", "cross_entropy", "", attrs_of(CrossEntropyAttrs{}), {logits, label}, {r, r}, 1});
    rows.push_back({"cross entropy gradient, gpt",
                    "cross_entropy_dx",
                    "",
                    attrs_of(CrossEntropyAttrs{}),
                    {r, logits, label, r},
                    {logits},
                    512});
    const Spec one{{}, 0, DType::i64};
    rows.push_back({"dropout, gpt",
                    "dropout_train",
                    "",
                    with<DropoutAttrs>([](auto& a) { a.p = 0.1; }),
                    {x, one, one, {{4096}, 0, DType::i64, 4096}},
                    {x},
                    2});
    rows.push_back({"embedding, gpt", "gather", "", attrs_of(NoAttrs{}), {{{256, 384}}, label}, {x}, 32});
    rows.push_back({"embedding gradient, gpt",
                    "gather_dw",
                    "",
                    with<GatherDwAttrs>([](auto& a) { a.rows = 256; }),
                    {x, label},
                    {{{256, 384}}},
                    1});
}

void add_moves(std::vector<Row>& rows) {
    const Spec wide{{4096, 1536}}, pooled{{128, 512, 4, 4}, 16};
    rows.push_back(
        {"sum of rows, gpt", "reduce", "", with<ReduceAttrs>([](auto& a) { a.axes = {0}; }), {wide}, {{{1536}}}, 1});
    rows.push_back({"global average pool, resnet",
                    "reduce",
                    "",
                    with<ReduceAttrs>([](auto& a) {
                        a.kind = ReduceKind::mean;
                        a.axes = {2, 3};
                    }),
                    {pooled},
                    {{{128, 512}}},
                    1});
    rows.push_back({"transpose 4096x1536",
                    "transpose",
                    "",
                    with<TransposeAttrs>([](auto& a) {
                        a.perm = {1, 0};
                    }),
                    {wide},
                    {{{1536, 4096}}},
                    2});
    rows.push_back({"transpose of heads, gpt",
                    "transpose",
                    "",
                    with<TransposeAttrs>([](auto& a) {
                        a.perm = {0, 2, 1, 3};
                    }),
                    {{{16, 256, 6, 64}}},
                    {{{16, 6, 256, 64}}},
                    2});
}

void add_updates(std::vector<Row>& rows) {
    const Spec w{{11000000}}, s{{}}, apply{{}, 0, DType::boolean}, step{{}, 0, DType::i64};
    rows.push_back({"sgd with momentum, 11 M",
                    "sgd_update",
                    "",
                    with<SgdAttrs>([](auto& a) {
                        a.momentum = 0.9;
                        a.weight_decay = 5e-4;
                    }),
                    {w, w, s, s, apply, w},
                    {w, w},
                    5});
    rows.back().in_place = {{0, 0}, {1, 5}};
    rows.push_back({"adamw, 11 M",
                    "adam_update",
                    "",
                    with<AdamAttrs>([](auto& a) {
                        a.decoupled = true;
                        a.weight_decay = 0.01;
                    }),
                    {w, w, s, s, apply, w, w, step},
                    {w, w, w},
                    7});
    rows.back().in_place = {{0, 0}, {1, 5}, {2, 6}};
    rows.push_back({"global norm, 11 M", "global_norm", "", attrs_of(NoAttrs{}), {w}, {s}, 1});
}

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    cpu_time = std::find(arguments.begin(), arguments.end(), "--cpu") != arguments.end();
    const std::string_view wanted = arguments.empty() || arguments.back() == "--cpu" ? "" : arguments.back();
    set_threads(cpu_time ? 1 : 0);
    std::vector<Row> rows;
    add_elementwise(rows);
    add_norms(rows, "resnet 64x32x32", {{128, 64, 32, 32}, 16});
    add_norms(rows, "resnet 512x4x4", {{128, 512, 4, 4}, 16});
    add_norms(rows, "fashion 32x28x28", {{128, 32, 28, 28}, 16});
    add_norms(rows, "plain 32x28x28", {{128, 32, 28, 28}});
    add_rows_ops(rows);
    add_moves(rows);
    add_updates(rows);
    Peer peer(std::getenv("DS_BENCH_PYTHON"), DS_BENCH_DIR "/vector_peer.py",
              cpu_time ? "cpu" : std::to_string(threads()));
    const double bandwidth = copy_bandwidth();
    fmt::print("{} threads; a copy of 64 MiB moves {:.1f} GB/s. GB/s counts each operand once for each pass that must "
               "touch it;\n"
               "sizes that fit in a cache can pass 100 %. ratio: PyTorch's time / ours.\n",
               threads(), bandwidth / 1e9);
    fmt::print("{:<34} {:<26} {:>8} {:>7} {:>6} {:>9} {:>6}\n", "row", "kernel", "ms", "GB/s", "% copy", "torch ms",
               "ratio");
    for (const Row& row : rows)
        if (row.name.find(wanted) != std::string::npos) measure(row, peer, bandwidth);
    return 0;
}
