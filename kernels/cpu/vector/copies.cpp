// Ops that only move elements, of any type: transpose, slice, concat, pad, broadcast, reshape, update_slice, and
// the planner's copy. Plain inputs may have any strides. slice, concat and pad keep a blocked layout where
// whole blocks move.
#include <algorithm>
#include <array>
#include <cstring>

#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/copy.h"
#include "ops/shape_ops.h"

namespace ds::kernels::cpu {
namespace {

size_t element(const Operand& o) { return size_t(std::max(8, bits(o.dtype))) / 8; }

Dims strides_of(const Operand& o) {
    return o.strides.empty() || o.layout.format == Format::blocked ? contiguous_strides(o.shape) : o.strides;
}

/// The sizes as they lie in memory: [N, C/block, H, W, block] when blocked.
Dims memory_dims(const Dims& shape, Layout layout) {
    if (!layout.block) return shape;
    return {shape[0], shape[1] / layout.block, shape[2], shape[3], layout.block};
}

/// Strides of a whole operand in its layout.
Dims memory_strides(const Operand& o, Layout layout) {
    return layout.block ? contiguous_strides(memory_dims(o.shape, layout)) : strides_of(o);
}

/// The first blocked layout among rank-4 inputs in which the channels of all operands are whole blocks; else plain.
Layout whole_blocks(const Request& request) {
    for (const Operand& o : request.in) {
        if (o.layout.format != Format::blocked) continue;
        const auto whole = [&](const Operand& p) { return p.shape.size() == 4 && p.shape[1] % o.layout.block == 0; };
        if (std::all_of(request.in.begin(), request.in.end(), whole) && whole(request.out[0])) return o.layout;
    }
    return {};
}

void use_layout(Kernel& kernel, const Request& request, Layout layout) {
    kernel.in_layout.assign(request.in.size(), layout);
    kernel.out_layout.assign(1, layout);
    kernel.strided.assign(request.in.size(), true);
}

/// A copy of the whole input to the whole output.
std::unique_ptr<Kernel> copy_all(const CopyJob& job) {
    auto kernel = make_kernel([job](const Call& call) { run_copy(job, call.in[0].data, call.out[0].data); });
    kernel->strided = {true};
    return kernel;
}

std::unique_ptr<Kernel> make_plain_copy(const Request& request, std::string& why) { // copy, reshape
    const Operand &in = request.in[0], &out = request.out[0];
    if (in.layout.format == Format::blocked || out.layout.format == Format::blocked)
        return refuse(why, "blocked layout"), nullptr;
    const Dims to = request.op == "copy" ? strides_of(out) : contiguous_strides(in.shape);
    auto kernel = copy_all(make_copy(element(in), in.shape, strides_of(in), to));
    if (request.op == "reshape") kernel->in_place = {{0, 0}};
    return kernel;
}

std::unique_ptr<Kernel> make_transpose(const Request& request, std::string&) {
    const Operand &in = request.in[0], &out = request.out[0];
    const Dims strides = strides_of(in);
    Dims from;
    for (int64_t axis : request.as<TransposeAttrs>().perm) from.push_back(strides[size_t(axis)]);
    return copy_all(make_copy(element(in), out.shape, from, contiguous_strides(out.shape)));
}

std::unique_ptr<Kernel> make_broadcast(const Request& request, std::string&) {
    const Operand &in = request.in[0], &out = request.out[0];
    const Dims strides = strides_of(in);
    Dims from(out.shape.size(), 0);
    const size_t lead = out.shape.size() - in.shape.size();
    for (size_t i = 0; i < in.shape.size(); ++i)
        if (in.shape[i] != 1) from[lead + i] = strides[i];
    return copy_all(make_copy(element(in), out.shape, from, contiguous_strides(out.shape)));
}

std::unique_ptr<Kernel> make_slice(const Request& request, std::string&) {
    const auto& attrs = request.as<SliceAttrs>();
    const Operand &in = request.in[0], &out = request.out[0];
    const size_t axis = size_t(attrs.axis);
    Layout layout = whole_blocks(request);
    if (layout.block && axis == 1 && attrs.start.value() % layout.block) layout = {};
    const Dims from = memory_strides(in, layout);
    const int64_t start = attrs.start.value() / (layout.block && axis == 1 ? layout.block : 1) * from[axis];
    const CopyJob job = make_copy(element(in), memory_dims(out.shape, layout), from,
                                  contiguous_strides(memory_dims(out.shape, layout)));
    const int64_t skip = start * int64_t(job.size);
    auto kernel =
        make_kernel([job, skip](const Call& call) { run_copy(job, call.in[0].data + skip, call.out[0].data); });
    use_layout(*kernel, request, layout);
    return kernel;
}

std::unique_ptr<Kernel> make_concat(const Request& request, std::string&) {
    const Operand& out = request.out[0];
    const size_t axis = size_t(request.as<AxisAttrs>().axis);
    const Layout layout = whole_blocks(request);
    const Dims to = contiguous_strides(memory_dims(out.shape, layout));
    std::vector<std::pair<CopyJob, int64_t>> jobs; // and where each begins in the output, in bytes
    int64_t at = 0;
    for (const Operand& in : request.in) {
        const Dims dims = memory_dims(in.shape, layout);
        jobs.push_back(
            {make_copy(element(in), dims, memory_strides(in, layout), to), at * to[axis] * int64_t(element(in))});
        at += dims[axis];
    }
    auto kernel = make_kernel([jobs](const Call& call) {
        for (size_t i = 0; i < jobs.size(); ++i)
            run_copy(jobs[i].first, call.in[i].data, call.out[0].data + jobs[i].second);
    });
    use_layout(*kernel, request, layout);
    return kernel;
}

/// The value as the bytes of one element.
std::array<std::byte, 8> element_bytes(DType dtype, double value, std::string& why) {
    std::array<std::byte, 8> out{};
    const auto put = [&](auto x) { std::memcpy(out.data(), &x, sizeof x); };
    switch (dtype) {
    case DType::f64: put(value); break;
    case DType::f32: put(float(value)); break;
    case DType::i64: put(int64_t(value)); break;
    case DType::i32: put(int32_t(value)); break;
    case DType::i8: put(int8_t(value)); break;
    case DType::u8: put(uint8_t(value)); break;
    case DType::boolean: put(uint8_t(value != 0)); break;
    default:
        if (value != 0) why = "a value in 16-bit floats";
    }
    return out;
}

std::unique_ptr<Kernel> make_pad(const Request& request, std::string& why) {
    const auto& attrs = request.as<PadAttrs>();
    const Operand &in = request.in[0], &out = request.out[0];
    const std::array<std::byte, 8> value = element_bytes(in.dtype, attrs.value, why);
    if (!why.empty()) return nullptr;
    Layout layout = whole_blocks(request);
    if (layout.block && attrs.before[1].value() % layout.block) layout = {};
    const Dims dims = memory_dims(out.shape, layout), to = contiguous_strides(dims);
    int64_t start = 0;
    for (size_t i = 0; i < out.shape.size(); ++i)
        start += attrs.before[i].value() / (layout.block && i == 1 ? layout.block : 1) * to[i];
    const CopyJob fill = make_copy(element(in), dims, Dims(dims.size(), 0), to);
    const CopyJob copy = make_copy(element(in), memory_dims(in.shape, layout), memory_strides(in, layout), to);
    const int64_t skip = start * int64_t(copy.size);
    auto kernel = make_kernel([=](const Call& call) {
        run_copy(fill, value.data(), call.out[0].data);
        run_copy(copy, call.in[0].data, call.out[0].data + skip);
    });
    use_layout(*kernel, request, layout);
    return kernel;
}

std::unique_ptr<Kernel> make_update_slice(const Request& request, std::string& why) {
    const Operand &base = request.in[0], &part = request.in[1];
    if (request.in[2].dtype != DType::i64) return refuse(why, "a position that is not i64"), nullptr;
    const size_t axis = size_t(request.as<AxisAttrs>().axis);
    const Dims to = contiguous_strides(base.shape);
    const CopyJob job = make_copy(element(part), part.shape, strides_of(part), to);
    const int64_t room = base.shape[axis] - part.shape[axis], step = to[axis] * int64_t(job.size);
    const size_t total = size_t(bytes(base.dtype, base.shape));
    auto kernel = make_kernel([=](const Call& call) {
        const int64_t position = *call.in[2].as<int64_t>();
        if (position < 0 || position > room)
            fail(Exit::data, "position {} is outside 0..{}; the buffer has no room for the part there", position, room);
        if (call.out[0].data != call.in[0].data) std::memcpy(call.out[0].data, call.in[0].data, total);
        run_copy(job, call.in[1].data, call.out[0].data + position * step);
    });
    kernel->strided = {false, true, false};
    kernel->in_place = {{0, 0}};
    return kernel;
}

} // namespace

void add_copies(Registry& registry) {
    for (std::string_view op : {"copy", "reshape"}) registry.add({op, "cpu.copy", make_plain_copy});
    registry.add({"transpose", "cpu.copy.transpose", make_transpose});
    registry.add({"broadcast", "cpu.copy.broadcast", make_broadcast});
    registry.add({"slice", "cpu.copy.slice", make_slice});
    registry.add({"concat", "cpu.copy.concat", make_concat});
    registry.add({"pad", "cpu.copy.pad", make_pad});
    registry.add({"update_slice", "cpu.copy.update_slice", make_update_slice});
}

} // namespace ds::kernels::cpu
