// Cases of ops/shape_ops.h.
#include "ops/shape_ops.h"

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

AttrsPtr reduction(ReduceKind kind, std::vector<int64_t> axes, bool keep = false) {
    return with<ReduceAttrs>([=](ReduceAttrs& a) {
        a.kind = kind;
        a.axes = axes;
        a.keep = keep;
    });
}
AttrsPtr axis(int64_t axis) {
    return with<AxisAttrs>([=](AxisAttrs& a) { a.axis = axis; });
}
AttrsPtr to_shape(const Dims& dims) {
    return with<ShapeAttrs>([=](ShapeAttrs& a) { a.shape = shape(dims); });
}
AttrsPtr permutation(std::vector<int64_t> perm) {
    return with<TransposeAttrs>([=](TransposeAttrs& a) { a.perm = perm; });
}
AttrsPtr range(int64_t axis, int64_t start, int64_t length) {
    return with<SliceAttrs>([=](SliceAttrs& a) {
        a.axis = axis;
        a.start = start;
        a.length = length;
    });
}
AttrsPtr padding(const Dims& before, const Dims& after, double value = 0) {
    return with<PadAttrs>([=](PadAttrs& a) {
        a.before = shape(before);
        a.after = shape(after);
        a.value = value;
    });
}
AttrsPtr none() { return attrs_of(NoAttrs{}); }

void add_reductions(std::vector<Case>& cases) {
    const std::pair<const char*, std::vector<int64_t>> axes[] = {
        {"all", {}},           {"first", {0}},        {"last", {2}},   {"middle", {1}},
        {"outer two", {0, 1}}, {"inner two", {1, 2}}, {"ends", {0, 2}}};
    for (size_t k = 0; k < reduce_names.size(); ++k)
        for (const auto& [which, list] : axes) {
            const std::string name = "reduce " + std::string(reduce_names[k]) + " over " + which;
            cases.push_back({name, "reduce", reduction(ReduceKind(k), list), {real({5, 6, 19})}});
            cases.push_back({name + ", kept", "reduce", reduction(ReduceKind(k), list, true), {real({3, 1, 9})}});
        }
    for (ReduceKind kind : {ReduceKind::sum, ReduceKind::mean, ReduceKind::max, ReduceKind::min}) {
        const std::string name = "reduce " + std::string(reduce_names[size_t(kind)]);
        cases.push_back({name + ", pixels of an image", "reduce", reduction(kind, {2, 3}), {real({2, 19, 5, 3})}});
        cases.push_back(
            {name + ", pixels of an image, kept", "reduce", reduction(kind, {2, 3}, true), {real({2, 5, 7, 7})}});
        cases.push_back({name + ", channels of an image", "reduce", reduction(kind, {1}), {real({2, 19, 3, 3})}});
        cases.push_back({name + ", all but channels", "reduce", reduction(kind, {0, 2, 3}), {real({3, 17, 4, 3})}});
        cases.push_back({name + ", large rows", "reduce", reduction(kind, {1}), {fixed({3, 20001})}, 1e-5});
        cases.push_back({name + ", large columns", "reduce", reduction(kind, {0}), {fixed({2001, 30})}, 1e-5});
        cases.push_back({name + ", large, all", "reduce", reduction(kind, {}), {fixed({301, 207})}, 1e-5});
        cases.push_back({name + " of a scalar", "reduce", reduction(kind, {}), {real({})}});
    }
    cases.push_back(
        {"reduce sum, axes four apart", "reduce", reduction(ReduceKind::sum, {1, 3}), {real({3, 4, 5, 6})}});
    cases.push_back({"reduce sum of integers", "reduce", reduction(ReduceKind::sum, {0}), {i64({7, 5}, -100, 100)}});
    cases.push_back({"reduce max of i32", "reduce", reduction(ReduceKind::max, {1}), {i32({7, 5}, -100, 100)}});
    cases.push_back({"reduce sum of nothing", "reduce", reduction(ReduceKind::sum, {0}), {real({0, 4})}});
    for (int64_t d : {0, 1, 2})
        cases.push_back({"argmax over axis " + std::to_string(d), "argmax", axis(d), {real({4, 5, 23})}});
    cases.push_back(
        {"argmax of equals", "argmax", axis(1), {given(DType::f32, {3, 4}, {1, 1, 1, 1, 0, 2, 2, 0, 3, 0, 0, 3})}});
    cases.push_back({"argmax of classes", "argmax", axis(1), {real({130, 10})}});
    cases.push_back({"argmax of one class", "argmax", axis(1), {real({3, 1})}});
}

void add_moves(std::vector<Case>& cases) {
    cases.push_back({"reshape", "reshape", to_shape({6, 10}), {real({3, 4, 5})}});
    cases.push_back({"reshape of an image to a row", "reshape", to_shape({2, 90}), {real({2, 10, 3, 3})}});
    cases.push_back({"reshape of integers", "reshape", to_shape({6}), {i64({2, 3}, 0, 9)}});
    const std::pair<Dims, std::vector<int64_t>> transposes[] = {{{5, 7}, {1, 0}},
                                                                {{33, 65}, {1, 0}},
                                                                {{3, 4, 5}, {0, 2, 1}},
                                                                {{3, 4, 5}, {2, 0, 1}},
                                                                {{2, 3, 4, 5}, {0, 2, 1, 3}},
                                                                {{2, 3, 4, 5}, {0, 2, 3, 1}},
                                                                {{2, 17, 3, 3}, {0, 3, 1, 2}},
                                                                {{2, 3, 4, 5}, {3, 2, 1, 0}},
                                                                {{2, 3, 2, 2, 3}, {4, 1, 3, 0, 2}},
                                                                {{4}, {0}},
                                                                {{1, 200, 1, 40}, {0, 3, 2, 1}}};
    for (const auto& [dims, perm] : transposes)
        cases.push_back(
            {"transpose " + text(dims) + " by " + text(Dims(perm)), "transpose", permutation(perm), {real(dims)}});
    cases.push_back({"transpose, large", "transpose", permutation({1, 0}), {fixed({257, 301})}});
    cases.push_back({"transpose of bytes", "transpose", permutation({1, 0}), {{DType::u8, {9, 11}, 0, 255, false}}});
    cases.push_back({"transpose of i64", "transpose", permutation({1, 0}), {i64({9, 11}, 0, 255)}});
    cases.push_back({"broadcast a row", "broadcast", to_shape({4, 7}), {real({7})}});
    cases.push_back({"broadcast a column", "broadcast", to_shape({4, 7}), {real({4, 1})}});
    cases.push_back({"broadcast a scalar", "broadcast", to_shape({3, 5, 2}), {real({})}});
    cases.push_back({"broadcast channels", "broadcast", to_shape({2, 9, 3, 4}), {real({9, 1, 1})}});
    cases.push_back({"broadcast a pixel", "broadcast", to_shape({2, 9, 3, 4}), {real({2, 9, 1, 1})}});
    cases.push_back({"broadcast to nothing", "broadcast", to_shape({0, 6}), {real({6})}});
    cases.push_back({"transpose of nothing", "transpose", permutation({1, 0}), {real({0, 6})}});
    cases.push_back({"broadcast of booleans", "broadcast", to_shape({4, 6}), {boolean({6})}});
    cases.push_back({"concat columns", "concat", axis(1), {real({3, 4}), real({3, 1}), real({3, 9})}});
    cases.push_back({"concat rows", "concat", axis(0), {real({3, 4}), real({2, 4})}});
    cases.push_back({"concat channels", "concat", axis(1), {real({2, 5, 3, 4}), real({2, 12, 3, 4})}});
    cases.push_back({"concat whole blocks of channels", "concat", axis(1), {real({2, 16, 3, 4}), real({2, 16, 3, 4})}});
    cases.push_back({"concat one", "concat", axis(0), {real({3, 4})}});
    cases.push_back({"concat with nothing", "concat", axis(0), {real({3, 4}), real({0, 4})}});
    cases.push_back({"concat of integers", "concat", axis(0), {i32({3}, 0, 9), i32({5}, 0, 9)}});
    for (int64_t d : {0, 1, 2})
        cases.push_back({"slice of axis " + std::to_string(d), "slice", range(d, 1, 2), {real({4, 5, 6})}});
    cases.push_back({"slice of channels", "slice", range(1, 3, 9), {real({2, 19, 3, 4})}});
    cases.push_back({"slice of nothing", "slice", range(0, 2, 0), {real({4, 5})}});
    cases.push_back({"slice of bytes", "slice", range(1, 2, 3), {{DType::u8, {4, 6}, 0, 255, false}}});
    cases.push_back({"pad", "pad", padding({1, 0, 2}, {0, 3, 1}, 0.5), {real({3, 4, 5})}});
    cases.push_back({"pad an image", "pad", padding({0, 0, 1, 2}, {0, 0, 2, 1}), {real({2, 9, 3, 4})}});
    cases.push_back({"pad channels", "pad", padding({0, 3, 0, 0}, {0, 5, 0, 0}), {real({2, 9, 3, 4})}});
    cases.push_back({"pad nothing", "pad", padding({0}, {0}), {real({5})}});
    cases.push_back({"pad integers", "pad", padding({1}, {2}, -1), {i32({5}, 0, 9)}});
}

void add_gathers(std::vector<Case>& cases) {
    cases.push_back({"gather", "gather", none(), {real({9, 5}), i32({4, 3}, 0, 8)}});
    cases.push_back({"gather, i64 index", "gather", none(), {real({9, 16}), i64({7}, 0, 8)}});
    cases.push_back(
        {"gather, one row again and again", "gather", none(), {real({3, 4}), given(DType::i32, {50}, {1})}});
    cases.push_back({"gather, scalar index", "gather", none(), {real({5, 4}), i32({}, 0, 4)}});
    cases.push_back({"gather of numbers", "gather", none(), {real({11}), i32({6}, 0, 10)}});
    cases.push_back({"gather of planes", "gather", none(), {real({5, 3, 4}), i32({2, 2}, 0, 4)}});
    cases.push_back({"gather, large", "gather", none(), {real({300, 64}), i32({1000}, 0, 299)}});
    cases.push_back({"gather of no places", "gather", none(), {real({9, 2}), i32({0}, 0, 8)}});
    cases.push_back({"gather of integers", "gather", none(), {i64({9, 2}, 0, 99), i32({4}, 0, 8)}});
    cases.push_back(
        {"update_slice", "update_slice", axis(1), {fixed({2, 6, 3}), fixed({2, 2, 3}), given(DType::i64, {}, {3})}});
    cases.push_back({"update_slice at the end",
                     "update_slice",
                     axis(0),
                     {fixed({6, 3}), fixed({1, 3}), given(DType::i64, {}, {5})}});
    cases.push_back(
        {"update_slice of all", "update_slice", axis(0), {fixed({6, 3}), fixed({6, 3}), given(DType::i64, {}, {0})}});
}

} // namespace

std::vector<Case> shape_cases() {
    std::vector<Case> cases;
    add_reductions(cases);
    add_moves(cases);
    add_gathers(cases);
    return cases;
}

} // namespace ds::testing
