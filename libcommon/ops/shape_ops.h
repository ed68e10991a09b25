// Ops that move or reduce elements.
//   reduce(x) over axes                 argmax(x) -> i32, axis removed
//   reshape(x)                          transpose(x): out axis i is in axis perm[i]
//   broadcast(x) to a shape             concat(x0, x1, ...) along axis
//   slice(x): [start, start+length) of one axis      pad(x): a value around
//   gather(table[V,...], index[...] i32|i64) -> index.shape + table.shape[1:]     an index out of range is Error(data)
//   gather_dw(dy, index) -> dtable[rows,...]  (sums where an index repeats)
//   update_slice(base, part, position i64[]) -> base with part written at position along axis (KV caches)
#pragma once

#include <array>

#include "ops/attrs.h"

namespace ds {

enum class ReduceKind { sum, mean, max, min };
constexpr std::array<std::string_view, 4> reduce_names{"sum", "mean", "max", "min"};

struct ReduceAttrs : AttrsOf<ReduceAttrs> {
    ReduceKind kind = ReduceKind::sum;
    std::vector<int64_t> axes; // ascending, not negative; empty: all
    bool keep = false;         // keep reduced axes with size 1
    void visit(FieldVisitor& v) override {
        v.choice_of("kind", kind, reduce_names);
        v.field("axes", axes);
        v.field("keep", keep);
    }
};

struct AxisAttrs : AttrsOf<AxisAttrs> { // argmax, concat, softmax, softmax_dx, update_slice
    int64_t axis = 0;                   // not negative
    void visit(FieldVisitor& v) override { v.field("axis", axis); }
};

struct ShapeAttrs : AttrsOf<ShapeAttrs> { // reshape, broadcast
    Shape shape;
    void visit(FieldVisitor& v) override { v.field("shape", shape); }
};

struct TransposeAttrs : AttrsOf<TransposeAttrs> {
    std::vector<int64_t> perm;
    void visit(FieldVisitor& v) override { v.field("perm", perm); }
};

struct SliceAttrs : AttrsOf<SliceAttrs> {
    int64_t axis = 0;
    Dim start = 0, length = 0;
    void visit(FieldVisitor& v) override {
        v.field("axis", axis);
        v.field("start", start);
        v.field("length", length);
    }
};

struct PadAttrs : AttrsOf<PadAttrs> {
    Shape before, after; // one size per axis, not negative
    double value = 0;
    void visit(FieldVisitor& v) override {
        v.field("before", before);
        v.field("after", after);
        v.field("value", value);
    }
};

struct GatherDwAttrs : AttrsOf<GatherDwAttrs> {
    Dim rows = 0;
    void visit(FieldVisitor& v) override { v.field("rows", rows); }
};

} // namespace ds
