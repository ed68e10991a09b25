// oneDNN as the kernels of this folder see it. Included by a few .cpp files only: its headers are slow
// to compile. Conventions: f32; scratchpads are the caller's; primitives come from oneDNN's own cache, which
// is thread-safe, so making a kernel twice is cheap.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include <optional>
#include <string>
#include <vector>

#include "kernels/kernel.h"

namespace ds::kernels::cpu {

using Desc = dnnl::memory::desc;
using Tag = dnnl::memory::format_tag;

/// The CPU, with DS_ISA applied.
const dnnl::engine& engine();
/// Attributes that ask for the scratchpad from the caller.
dnnl::primitive_attr user_scratchpad();

Desc plain_desc(const Dims& shape);                        // row-major
Desc strided_desc(const Dims& shape, const Dims& strides); // strides in elements
Desc any_desc(const Dims& shape);                          // oneDNN chooses
Desc desc(const Dims& shape, Layout layout);
/// The layout that says the same as a descriptor of rank 4 (plain for other ranks), if there is one.
std::optional<Layout> layout_of(const Desc& desc);
/// A text that is equal for equal descriptors only.
std::string format_name(const Desc& desc);

/// What a primitive's argument is bound to.
struct Bound {
    enum From { input, output, scratch };
    int arg = 0;
    Desc desc;
    From from = input;
    int index = 0;     // of the input or output
    size_t offset = 0; // in the scratch
};

/// A kernel that runs one primitive, and perhaps a reorder of one result to the plain output.
class PrimitiveKernel : public Kernel {
public:
    PrimitiveKernel(dnnl::primitive primitive, const Desc& scratchpad);

    void bind_input(int arg, int index, const Desc& desc);
    void bind_output(int arg, int index, const Desc& desc);
    /// An input (a weight) that is read in `desc`, packed from `plain` unless that is the same.
    void bind_packed(int arg, int index, const Desc& plain, const Desc& desc);
    /// An output that the primitive leaves in `desc` in scratch memory and that is stored as `plain`.
    void bind_unpacked(int arg, int index, const Desc& desc, const Desc& plain);
    /// Outputs that nobody reads go to scratch memory; called when all are bound.
    void keep_unused(std::span<const Operand> outputs);
    /// The primitive adds to its output: the residual is copied there first unless it is there already.
    void accumulate(int input, int output, size_t bytes);

    void run(const Call& call) const override;
    void pack(int i, const TensorView& plain, std::byte* packed, std::byte* scratch) const override;

private:
    struct Reorder {
        dnnl::primitive primitive;
        Desc from, to, scratchpad;
        size_t from_offset = 0, scratch_offset = 0; // in the kernel's scratch
        int index = 0;
    };
    struct Residual {
        int input = 0, output = 0;
        size_t bytes = 0;
    };
    static Reorder make_reorder(const Desc& from, const Desc& to);
    static void run_reorder(const Reorder& reorder, std::byte* from, std::byte* to, std::byte* scratch);
    size_t reserve(size_t bytes);

    dnnl::primitive primitive_;
    std::vector<Bound> bound_;
    std::vector<Reorder> packs_, unpacks_;
    std::optional<Residual> residual_;
};

/// Whether oneDNN chose its plain loops, which are slower than ours would be by two orders of magnitude.
bool is_reference(const dnnl::primitive_desc_base& chosen);

/// Runs `make` and turns oneDNN's "no such implementation" into a refusal.
template <class MakeKernel>
auto refuse_on_error(std::string& why, const MakeKernel& make) -> decltype(make()) {
    try {
        return make();
    } catch (const dnnl::error& error) {
        why = std::string("oneDNN: ") + error.what();
        return nullptr;
    }
}

/// Every float operand f32 and no operand empty; else says so in `why`.
bool takes(const Request& request, std::string& why);

} // namespace ds::kernels::cpu
