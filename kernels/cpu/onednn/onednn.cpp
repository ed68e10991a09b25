#include "kernels/cpu/onednn/onednn.h"

#include <cstring>
#include <string_view>

#include "base/error.h"
#include "base/parallel.h"
#include "kernels/cpu/isa.h"

namespace ds::kernels::cpu {
namespace {

dnnl::stream& stream() { // of this thread: executors share kernels
    thread_local dnnl::stream stream(engine());
    return stream;
}

dnnl::memory memory(const Desc& desc, std::byte* data) { return {desc, engine(), data}; }

size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

template <class T>
std::string list(const T* values, int n) {
    std::string text;
    for (int i = 0; i < n; ++i) {
        if (i > 0) text += ',';
        text += std::to_string(values[i]);
    }
    return text;
}

} // namespace

const dnnl::engine& engine() {
    static const dnnl::engine engine = [] {
        apply_isa_cap();
        return dnnl::engine(dnnl::engine::kind::cpu, 0);
    }();
    return engine;
}

dnnl::primitive_attr user_scratchpad() {
    use_threads_here(); // primitives are made for the number of threads that they will run with
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attr;
}

Desc plain_desc(const Dims& shape) { return strided_desc(shape, contiguous_strides(shape)); }

Desc strided_desc(const Dims& shape, const Dims& strides) { return {shape, dnnl::memory::data_type::f32, strides}; }

Desc any_desc(const Dims& shape) { return {shape, dnnl::memory::data_type::f32, Tag::any}; }

Desc desc(const Dims& shape, Layout layout) {
    if (layout.format == Format::plain) return plain_desc(shape);
    return {shape, dnnl::memory::data_type::f32, layout.block == 16 ? Tag::nChw16c : Tag::nChw8c};
}

std::optional<Layout> layout_of(const Desc& d) {
    const Dims shape = d.dims();
    for (Layout layout : {Layout{}, Layout{Format::blocked, 16}, Layout{Format::blocked, 8}})
        if ((layout.format == Format::plain || shape.size() == 4) && d == desc(shape, layout)) return layout;
    return std::nullopt;
}

std::string format_name(const Desc& d) {
    const dnnl_memory_desc_t& m = d.data;
    std::string name = fmt::format("onednn type {} ", int(m.data_type)) + list(m.dims, m.ndims) + " padded " +
                       list(m.padded_dims, m.ndims);
    if (m.extra.flags != 0) // compensation for int8 and the like stands behind the weights
        name += fmt::format(" extra {:#x} compensation {:#x} asymmetric {:#x} scale {}", m.extra.flags,
                            m.extra.compensation_mask, m.extra.asymm_compensation_mask, m.extra.scale_adjust);
    if (m.format_kind == dnnl_blocked) {
        const dnnl_blocking_desc_t& b = m.format_desc.blocking;
        name += " strides " + list(b.strides, m.ndims) + " blocks " + list(b.inner_blks, b.inner_nblks) + " of " +
                list(b.inner_idxs, b.inner_nblks);
    } else if (m.format_kind == dnnl_format_kind_wino) {
        const dnnl_wino_desc_t& w = m.format_desc.wino_desc;
        const int fields[] = {int(w.wino_format), w.r,        w.alpha,     w.ic,       w.oc,
                              w.ic_block,         w.oc_block, w.ic2_block, w.oc2_block};
        name += " winograd " + list(fields, 9);
    } else {
        bug("a weight format of oneDNN that has no name");
    }
    return name;
}

PrimitiveKernel::PrimitiveKernel(dnnl::primitive primitive, const Desc& scratchpad) : primitive_(std::move(primitive)) {
    const char* name = nullptr;
    if (dnnl_primitive_desc_query(primitive_.get_primitive_desc(), dnnl_query_impl_info_str, 0, &name) == dnnl_success)
        implementation = name;
    bound_.push_back({DNNL_ARG_SCRATCHPAD, scratchpad, Bound::scratch, 0, reserve(scratchpad.get_size())});
}

size_t PrimitiveKernel::reserve(size_t bytes) {
    const size_t offset = scratch;
    scratch += aligned(bytes);
    return offset;
}

void PrimitiveKernel::bind_input(int arg, int index, const Desc& desc) {
    bound_.push_back({arg, desc, Bound::input, index, 0});
}

void PrimitiveKernel::bind_output(int arg, int index, const Desc& desc) {
    bound_.push_back({arg, desc, Bound::output, index, 0});
}

void PrimitiveKernel::bind_packed(int arg, int index, const Desc& plain, const Desc& desc) {
    bind_input(arg, index, desc);
    if (desc == plain) return;
    packs_.push_back(make_reorder(plain, desc));
    packings.push_back({index, format_name(desc), int64_t(desc.get_size()), packs_.back().scratchpad.get_size()});
}

void PrimitiveKernel::bind_unpacked(int arg, int index, const Desc& desc, const Desc& plain) {
    if (desc == plain) return bind_output(arg, index, desc);
    Reorder unpack = make_reorder(desc, plain);
    unpack.index = index;
    unpack.from_offset = reserve(desc.get_size());
    unpack.scratch_offset = reserve(unpack.scratchpad.get_size());
    bound_.push_back({arg, desc, Bound::scratch, 0, unpack.from_offset});
    unpacks_.push_back(std::move(unpack));
}

void PrimitiveKernel::keep_unused(std::span<const Operand> outputs) {
    for (Bound& b : bound_)
        if (b.from == Bound::output && !outputs[size_t(b.index)].used)
            b = {b.arg, b.desc, Bound::scratch, 0, reserve(b.desc.get_size())};
    std::erase_if(unpacks_, [&](const Reorder& unpack) { return !outputs[size_t(unpack.index)].used; });
}

void PrimitiveKernel::accumulate(int input, int output, size_t bytes) {
    residual_ = {input, output, bytes};
    in_place.emplace_back(output, input);
}

void PrimitiveKernel::run(const Call& call) const {
    use_threads_here();
    if (residual_) {
        const std::byte* from = call.in[size_t(residual_->input)].data;
        std::byte* to = call.out[size_t(residual_->output)].data;
        if (from != to)
            parallel_for(int64_t(residual_->bytes), 1 << 16, [&](int64_t begin, int64_t end) {
                std::memcpy(to + begin, from + begin, size_t(end - begin));
            });
    }
    std::unordered_map<int, dnnl::memory> args;
    args.reserve(bound_.size());
    for (const Bound& b : bound_) {
        std::byte* data = b.from == Bound::input    ? call.in[size_t(b.index)].data
                          : b.from == Bound::output ? call.out[size_t(b.index)].data
                                                    : call.scratch + b.offset;
        args.emplace(b.arg, memory(b.desc, data));
    }
    primitive_.execute(stream(), args);
    for (const Reorder& unpack : unpacks_)
        run_reorder(unpack, call.scratch + unpack.from_offset, call.out[size_t(unpack.index)].data,
                    call.scratch + unpack.scratch_offset);
}

void PrimitiveKernel::pack(int i, const TensorView& plain, std::byte* packed, std::byte* scratch_memory) const {
    use_threads_here();
    run_reorder(packs_[size_t(i)], plain.data, packed, scratch_memory);
}

PrimitiveKernel::Reorder PrimitiveKernel::make_reorder(const Desc& from, const Desc& to) {
    const dnnl::reorder::primitive_desc chosen(engine(), from, engine(), to, user_scratchpad());
    return {dnnl::reorder(chosen), from, to, chosen.scratchpad_desc(), 0, 0, 0};
}

void PrimitiveKernel::run_reorder(const Reorder& reorder, std::byte* from, std::byte* to, std::byte* scratch) {
    reorder.primitive.execute(stream(), {{DNNL_ARG_FROM, memory(reorder.from, from)},
                                         {DNNL_ARG_TO, memory(reorder.to, to)},
                                         {DNNL_ARG_SCRATCHPAD, memory(reorder.scratchpad, scratch)}});
}

bool is_reference(const dnnl::primitive_desc_base& chosen) {
    return std::string_view(chosen.impl_info_str()).find("ref") != std::string_view::npos;
}

bool takes(const Request& request, std::string& why) {
    for (std::span<const Operand> list_of : {request.in, request.out})
        for (const Operand& o : list_of) {
            if (o.dtype != DType::f32) why = "needs f32";
            if (count(o.shape) == 0) why = "an operand is empty";
        }
    return why.empty();
}

} // namespace ds::kernels::cpu
