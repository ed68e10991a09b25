// Elementwise kernels: unary, unary_dx, binary, select, cast and fused chains of them, all by one interpreter.
// The index space is that of the output, in its memory order; it is walked in tiles that stay in the first
// cache. Operands of the same size are read in place; smaller or strided ones are expanded into the tile.
// In blocked layouts other operands follow as if plain; the channel tail of outputs is set to zero.
#include "kernels/cpu/vector/elementwise.h"

#include <algorithm>
#include <array>

#include "kernels/cpu/body.h"
#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/expand.h"

namespace ds::kernels::cpu {
namespace {

constexpr int max_tiles = 24, tile_bytes = 4096, max_values = 64;

/// Where a value lies: memory of an operand, or a tile.
struct Source {
    int input = -1, output = -1, tile = -1;
    size_t size = 4; // bytes of an element
};
struct Code {
    Micro micro = nullptr;
    float alpha = 0, beta = 0;
    std::array<int, 3> in{};
    int arity = 0, out = 0;
};
struct Expansion {
    int value = 0;
    Pattern pattern;
    /// Long contiguous runs are read in place by tiles that end where a run does.
    bool in_place() const { return pattern.step == 1 && pattern.inner >= 256; }
};

struct Program {
    std::vector<Source> values;
    std::vector<Code> codes;
    std::vector<Expansion> fills, expansions; // fills: one element, written into its tile once
    int64_t total = 0, tile = 0;
    // Blocked outputs with a channel tail: [slices][tail blocks apart], see zero_tails.
    int64_t batch = 0, channels = 0, area = 0;
    int block = 0;
};

Dims blocked_dims(const Dims& s, int block) { return {s[0], s[1] / block, s[2], s[3], block}; }

Pattern pattern_of(const Operand& o, const Dims& shape, int block) {
    const Dims own = o.strides.empty() || o.layout.format == Format::blocked ? contiguous_strides(o.shape) : o.strides;
    Dims strides(shape.size(), 0);
    const size_t lead = shape.size() - o.shape.size();
    for (size_t i = 0; i < o.shape.size(); ++i)
        if (o.shape[i] != 1) strides[lead + i] = own[i];
    if (!block) return make_pattern(shape, strides);
    return make_pattern(blocked_dims(shape, block),
                        {strides[0], strides[1] * block, strides[2], strides[3], strides[1]});
}

void expand_any(const Pattern& p, size_t size, const std::byte* src, std::byte* dst, int64_t start, int64_t n) {
    const auto as = [&](auto zero) {
        using T = decltype(zero);
        expand(p, reinterpret_cast<const T*>(src), reinterpret_cast<T*>(dst), start, n);
    };
    if (size == 4) as(uint32_t{});
    else if (size == 8) as(uint64_t{});
    else if (size == 2) as(uint16_t{});
    else as(uint8_t{});
}

/// What a tile of an expanded operand holds; tiles of a repeated run often hold the same.
struct Held {
    int64_t block = -1, phase = 0, count = 0;
};

/// Brings elements [at, at + n) of an operand into its tile, unless they are there.
void fill_tile(const Expansion& e, size_t size, const std::byte* from, std::byte* tile, int64_t at, int64_t n,
               Held& held) {
    const Pattern& p = e.pattern;
    const int64_t block = at / p.block(), phase = p.phase(at);
    const bool whole = at % p.block() + n <= p.block();
    if (whole && held.block == block && held.phase == phase && n <= held.count) return;
    expand_any(p, size, from, tile, at, n);
    held = whole ? Held{block, phase, n} : Held{};
}

void run_range(const Program& p, const Call& call, int64_t begin, int64_t end) {
    alignas(64) std::byte tiles[max_tiles][tile_bytes];
    std::array<std::byte*, max_values> base{}, now{}; // by value: memory that moves with the index or null; this tile's
    std::array<Held, max_tiles> held{};
    for (size_t v = 0; v < p.values.size(); ++v) {
        const Source& s = p.values[v];
        if (s.input >= 0 && s.tile < 0) base[v] = call.in[size_t(s.input)].data;
        if (s.output >= 0) base[v] = call.out[size_t(s.output)].data;
        if (s.tile >= 0) now[v] = tiles[s.tile];
    }
    const auto input = [&](const Expansion& e) { return call.in[size_t(p.values[size_t(e.value)].input)].data; };
    for (const Expansion& e : p.fills) {
        Pattern filled;
        filled.repeat = p.tile;
        expand_any(filled, p.values[size_t(e.value)].size, input(e), now[size_t(e.value)], 0, p.tile);
    }
    for (int64_t at = begin, n = 0; at < end; at += n) {
        n = std::min(p.tile, end - at);
        for (const Expansion& e : p.expansions)
            if (e.in_place()) n = std::min(n, e.pattern.inner - e.pattern.phase(at));
        for (size_t v = 0; v < p.values.size(); ++v)
            if (base[v]) now[v] = base[v] + size_t(at) * p.values[v].size;
        for (const Expansion& e : p.expansions) {
            const Source& s = p.values[size_t(e.value)];
            if (e.in_place())
                now[size_t(e.value)] = input(e) + size_t(e.pattern.offset(at) + e.pattern.phase(at)) * s.size;
            else fill_tile(e, s.size, input(e), tiles[s.tile], at, n, held[size_t(s.tile)]);
        }
        for (const Code& c : p.codes) {
            const std::byte* in[3] = {};
            for (int i = 0; i < c.arity; ++i) in[i] = now[size_t(c.in[size_t(i)])];
            c.micro(in, now[size_t(c.out)], size_t(n), c.alpha, c.beta);
        }
    }
}

void zero_tails(const Program& p, const Call& call) {
    const int64_t blocks = (p.channels + p.block - 1) / p.block, used = p.channels % p.block;
    for (const Source& s : p.values) {
        std::byte* data = s.output >= 0 ? call.out[size_t(s.output)].data : nullptr;
        if (!data) continue;
        const size_t pixel = size_t(p.block) * s.size;
        for (int64_t n = 0; n < p.batch; ++n)
            for (int64_t i = 0; i < p.area; ++i)
                std::memset(data + size_t((n * blocks + blocks - 1) * p.area + i) * pixel + size_t(used) * s.size, 0,
                            pixel - size_t(used) * s.size);
    }
}

bool encode(const Part& part, std::span<const Operand> values, Code& code, std::string& why) {
    const auto dtype = [&](int i) { return values[size_t(part.in[size_t(i)])].dtype; };
    const Operand& out = values[size_t(part.out[0])];
    if (part.op == "unary" || part.op == "unary_dx") {
        const auto& attrs = static_cast<const UnaryAttrs&>(*part.attrs);
        code.alpha = float(attrs.alpha);
        code.beta = float(attrs.beta);
        code.micro = part.op == "unary"       ? unary_micro(attrs.kind, dtype(0))
                     : dtype(0) == DType::f32 ? unary_dx_micro(attrs.kind)
                                              : nullptr;
    } else if (part.op == "binary") {
        code.micro = binary_micro(static_cast<const BinaryAttrs&>(*part.attrs).kind, dtype(0));
    } else if (part.op == "select") {
        code.micro = select_micro(out.dtype);
    } else if (part.op == "cast") {
        code.micro = cast_micro(dtype(0), out.dtype);
    }
    if (!code.micro) return refuse(why, fmt::format("no vector code for {} of {}", part.op, name(dtype(0))));
    code.arity = int(part.in.size());
    std::copy(part.in.begin(), part.in.end(), code.in.begin());
    code.out = part.out[0];
    return true;
}

/// Gives tiles to expanded inputs, for good, and to values between codes, until their last use.
bool assign_tiles(Program& p, const std::vector<int>& last_use, std::string& why) {
    int free_from = 0;
    std::vector<int> owner(max_tiles, -1);
    const auto take = [&](int v, int now) {
        for (int t = free_from; t < max_tiles; ++t) {
            const int o = owner[size_t(t)];
            if (o >= 0 && last_use[size_t(o)] >= now) continue;
            owner[size_t(t)] = v;
            p.values[size_t(v)].tile = t;
            return true;
        }
        return false;
    };
    for (const Expansion& e : p.fills) p.values[size_t(e.value)].tile = free_from++;
    for (const Expansion& e : p.expansions) p.values[size_t(e.value)].tile = free_from++;
    for (size_t c = 0; c < p.codes.size(); ++c)
        if (!take(p.codes[c].out, int(c))) return refuse(why, "too many values alive at once");
    return true;
}

std::unique_ptr<Kernel> make(const Request& request, std::string& why) {
    const std::vector<Part> parts = parts_of(request);
    const std::vector<int> results = results_of(request);
    const int inputs = int(request.in.size());
    std::vector<Operand> values(request.values.begin(), request.values.end());
    if (request.op != "fused") {
        values.assign(request.in.begin(), request.in.end());
        values.push_back(request.out[0]);
    }
    const Dims& shape = request.out[0].shape;
    if (values.size() > max_values) return refuse(why, "too many values"), nullptr;

    Program p;
    p.values.resize(values.size());
    std::vector<int> last_use(values.size(), -1), written(values.size(), -1);
    for (size_t c = 0; c < parts.size(); ++c) {
        Code code;
        if (!encode(parts[c], values, code, why)) return nullptr;
        if (values[size_t(code.out)].shape != shape) return refuse(why, "parts of different sizes"), nullptr;
        for (int i = 0; i < code.arity; ++i) last_use[size_t(code.in[size_t(i)])] = int(c);
        written[size_t(code.out)] = int(c);
        last_use[size_t(code.out)] = int(c);
        p.codes.push_back(code);
    }
    for (size_t r = 0; r < results.size(); ++r) {
        if (results[r] < inputs || p.values[size_t(results[r])].output >= 0)
            return refuse(why, "a result that no part makes"), nullptr;
        p.values[size_t(results[r])].output = int(r);
        last_use[size_t(results[r])] = int(parts.size());
    }

    Layout layout = shape.size() == 4 ? layout_of(request, shape) : Layout{};
    const bool tail = layout.block && shape[1] % layout.block;
    if (tail) // a per-channel operand would be read beyond its end
        for (const Operand& o : request.in)
            if (o.shape != shape && count(o.shape) != 1) layout = {};
    size_t widest = 1;
    std::vector<bool> expanded(values.size(), false);
    for (size_t v = 0; v < values.size(); ++v) {
        p.values[v].size = size_t(std::max(8, bits(values[v].dtype))) / 8;
        widest = std::max(widest, p.values[v].size);
        if (int(v) >= inputs) continue;
        p.values[v].input = int(v);
        const Operand& o = request.in[v];
        if (layout.block && o.shape == shape) continue;
        const Pattern pattern = count(o.shape) == 1 ? Pattern{} : pattern_of(o, shape, layout.block);
        if (count(o.shape) == 1 && count(shape) != 1) p.fills.push_back({int(v), pattern});
        else if (!pattern.dense()) p.expansions.push_back({int(v), pattern});
        else continue;
        expanded[v] = true;
    }
    if (int(p.fills.size() + p.expansions.size()) >= max_tiles) return refuse(why, "too many operands"), nullptr;
    if (!assign_tiles(p, last_use, why)) return nullptr;
    p.tile = tile_bytes / int64_t(std::max(widest, size_t(4)));
    for (const Expansion& e : p.expansions) // tiles of whole runs all hold the same
        if (e.pattern.inner > 1 && e.pattern.inner < p.tile) p.tile = p.tile / e.pattern.inner * e.pattern.inner;
    p.total = bytes(DType::u8, shape, layout);
    p.block = layout.block;
    if (layout.block) {
        p.batch = shape[0];
        p.channels = shape[1];
        p.area = shape[2] * shape[3];
    }

    std::vector<std::pair<int, int>> in_place;
    for (size_t r = 0; r < results.size(); ++r)
        for (int i = 0; i < inputs; ++i) // legal when the input is dense and read for the last time by the writer
            if (request.in[size_t(i)].shape == shape && !expanded[size_t(i)] &&
                p.values[size_t(i)].size == p.values[size_t(results[r])].size &&
                last_use[size_t(i)] <= written[size_t(results[r])])
                in_place.push_back({int(r), i});

    auto kernel = make_kernel([p](const Call& call) {
        parallel_for(p.total, min_work / 2, [&](int64_t begin, int64_t end) { run_range(p, call, begin, end); });
        if (p.block && p.channels % p.block) zero_tails(p, call);
    });
    set_layouts(*kernel, request, shape, layout);
    kernel->strided.assign(request.in.size(), true);
    kernel->in_place = std::move(in_place);
    return kernel;
}

} // namespace

void add_elementwise(Registry& registry) {
    for (std::string_view op : {"unary", "unary_dx", "binary", "select", "cast", "fused/chain"})
        registry.add({op, "cpu.vector.elementwise", make});
}

} // namespace ds::kernels::cpu
