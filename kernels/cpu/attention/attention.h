// What the forward and the backward kernel of attention share. Memory: q, k, v, dy by strides (D contiguous), the
// results contiguous. A task is one sample and one key head with its query heads; each worker has its own scratch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "kernels/kernel.h"

namespace ds::kernels::cpu {

/// Rows of queries and of keys that are worked on at once.
constexpr int64_t query_tile = 64, key_tile = 512;

/// A [N, T, heads, D] operand: where a row begins.
struct HeadRows {
    int64_t sample = 0, token = 0, head = 0; // strides
    int64_t at(int64_t n, int64_t t, int64_t h) const { return n * sample + t * token + h * head; }
};

struct AttentionSizes {
    int64_t n, t, s, h, g, d;
    bool causal;
    float scale;
    bool masked;
    int64_t mask[4]; // strides of the mask in [N, H, T, S], 0 where it is broadcast
    int workers;

    int64_t group() const { return h / g; }
    /// Keys that query t may see.
    int64_t visible(int64_t query) const { return causal ? std::clamp<int64_t>(query + s - t + 1, 0, s) : s; }
    /// Capacities that fit every instruction set.
    int64_t padded_d() const { return (d + 63) / 64 * 64; }
    int64_t padded_s() const { return (s + 63) / 64 * 64; }
};

/// Row length of a tile of scores: one panel of spare columns, and not a power of two.
constexpr int64_t score_row = key_tile + 80;

/// Whether the operand's rows of D are contiguous, whatever lies between them.
bool has_strided_rows(const Operand& operand);
/// The operand's rows as offered where has_strided_rows, as of a contiguous operand else.
HeadRows rows_of(const Operand& operand);
HeadRows contiguous_rows(const Dims& shape);
/// Null with a reason in `why`, or the sizes. `mask`: index of the input that may be the mask.
std::optional<AttentionSizes> attention_sizes(const Request& request, size_t q, size_t mask, std::string& why);

} // namespace ds::kernels::cpu
