// What a kernel is. Kernels know operands (dtype, sizes, layout) and attribute structs; they know
// neither graphs nor plans. For each (op, device) there is one ordered list of rows, best first,
// reference last; the first row that does not refuse makes the kernel, and its choice can be explained.
//
// Conventions: run() is const and thread-safe (two executors may run one kernel at once); it allocates
// nothing: all working memory is `scratch`, in the arena. Threads are base/parallel's. An Error is thrown
// outside parallel regions only. Results do not depend on the contents of unused memory.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ops/attrs.h"
#include "tensor/tensor.h"

namespace ds::kernels {

/// An operand as it is offered to a kernel.
struct Operand {
    DType dtype = DType::f32;
    Dims shape;
    Layout layout;         // inputs: as the producer left it (blocked only for rank 4)
    Dims strides;          // inputs in plain layout, in elements
    bool used = true;      // outputs: somebody reads it; inputs: false for an optional operand that is absent
    bool constant = false; // inputs: does not change between runs of the plan, so packing it is free
};

/// One node of a fused body. Values are numbered: 0 .. inputs-1 are the request's inputs, then the
/// outputs of the parts in order.
struct Part {
    std::string_view op;
    const Attrs* attrs = nullptr;
    std::vector<int> in; // -1: absent
    std::vector<int> out;
};

struct Request {
    std::string_view op;
    const Attrs& attrs;
    std::span<const Operand> in, out;
    std::string_view pattern;             // "" unless op is "fused"
    std::span<const Part> parts = {};     // the fused body
    std::span<const int> results = {};    // the value number of each output of a fused node
    std::span<const Operand> values = {}; // all values of a fused body by number (sizes and dtypes)
    template <class T>
    const T& as() const {
        return static_cast<const T&>(attrs);
    }
};

struct Call {
    std::span<const TensorView> in;  // in the layouts the kernel asked for; data == nullptr: absent
    std::span<const TensorView> out; // data == nullptr: not used by anybody
    std::byte* scratch = nullptr;
};

/// An input that the kernel reads in a form of its own (a weight in a vendor's blocked format).
struct Packing {
    int input = 0;
    std::string format; // says all of the packed form but the plain input's type: equal ones share a packed copy
    int64_t bytes = 0;
    size_t scratch = 0; // working memory of pack()
};

class Kernel {
public:
    virtual ~Kernel() = default;
    virtual void run(const Call& call) const = 0;
    /// Writes the packed form of packings[i]'s input; run() then sees that memory at in[packings[i].input].data.
    virtual void pack(int i, const TensorView& plain, std::byte* packed, std::byte* scratch) const;

    // Set when made, read by the planner. Empty vectors mean: plain and contiguous everywhere.
    std::vector<Layout> in_layout, out_layout;
    std::vector<bool> strided;                 // inputs that need not be contiguous when plain (any strides)
    std::vector<std::pair<int, int>> in_place; // {output, input}: may be the same memory
    std::vector<Packing> packings;
    size_t scratch = 0;
    std::string implementation; // which one of a vendor's took the request, for --explain; empty: the row says it
};

/// Makes a kernel, or returns null and says in `why` what it refuses ("needs f32", "groups > 1").
using Make = std::unique_ptr<Kernel> (*)(const Request& request, std::string& why);

struct Row {
    std::string_view op;   // "conv2d", or "fused/conv" for a fused pattern
    std::string_view name; // "cpu.onednn.conv2d"
    Make make;
    bool approximate = false; // faster and less exact than the row after it: Math::strict passes it over
};

/// Whether rows may be chosen that trade accuracy for speed.
enum class Math { fast, strict };

/// The rows of one device, each list in order of preference.
class Registry {
public:
    void add(const Row& row); // appends to its op's list
    void add(std::span<const Row> rows);
    std::span<const Row> rows(std::string_view op) const;

private:
    std::vector<std::pair<std::string, std::vector<Row>>> lists_;
};

/// The device's registry, filled on first use: "cpu" (our vector code and oneDNN, then reference) or
/// "reference" (reference alone). Error(unavailable) for "cuda" and other names that are not built in.
const Registry& registry(std::string_view device);

/// Puts a row of a plugin before those of the device. The text of its names and the code must outlive the process.
/// A bug after the first call of registry(device): plans that were made would be others than those to come.
void register_kernel(std::string_view device, const Row& row);

/// A choice with its reasons: "row name: why it refused" for every row before the chosen one.
struct Choice {
    std::unique_ptr<Kernel> kernel;
    std::string_view name;
    std::vector<std::string> refused;
};
Choice choose(const Registry& registry, const Request& request, Math math = Math::fast);

} // namespace ds::kernels
