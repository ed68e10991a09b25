// Cases of ops/conv.h.
#include "ops/conv.h"

#include "unit/kernels/case.h"

namespace ds::testing {
namespace {

using Pair = std::vector<int64_t>;

struct ConvRow {
    const char* name;
    Dims x;
    int64_t outputs, kh, kw;
    Pair stride, pad, dilation;
    int64_t groups;
};

/// Made at first use: tests are listed before main, in any order of files.
const std::vector<ConvRow>& convs() {
    static const std::vector<ConvRow> rows{
        {"3x3", {2, 3, 7, 6}, 5, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 1},
        {"3x3 stride 2", {2, 4, 9, 8}, 6, 3, 3, {2, 2}, {1, 1, 1, 1}, {1, 1}, 1},
        {"3x3 stride 2, even size", {2, 3, 8, 8}, 4, 3, 3, {2, 2}, {1, 1, 1, 1}, {1, 1}, 1},
        {"3x3 without padding", {1, 3, 6, 5}, 4, 3, 3, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
        {"asymmetric padding", {2, 3, 6, 5}, 4, 3, 3, {1, 1}, {0, 2, 1, 0}, {1, 1}, 1},
        {"asymmetric padding and stride", {2, 3, 8, 9}, 4, 3, 2, {2, 3}, {0, 1, 2, 0}, {1, 1}, 1},
        {"dilated", {2, 3, 9, 8}, 4, 3, 3, {1, 1}, {2, 2, 2, 2}, {2, 2}, 1},
        {"dilated by 2 and 3, stride 2", {1, 3, 11, 12}, 4, 3, 3, {2, 1}, {2, 3, 2, 3}, {2, 3}, 1},
        {"groups", {2, 6, 5, 5}, 8, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 2},
        {"groups of 16", {1, 32, 5, 5}, 32, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 2},
        {"depthwise", {2, 7, 6, 5}, 7, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 7},
        {"depthwise stride 2", {2, 16, 7, 7}, 16, 3, 3, {2, 2}, {1, 1, 1, 1}, {1, 1}, 16},
        {"depthwise times 2", {2, 4, 6, 5}, 8, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 4},
        {"1x1", {2, 17, 5, 4}, 9, 1, 1, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
        {"1x1 stride 2", {2, 16, 7, 6}, 32, 1, 1, {2, 2}, {0, 0, 0, 0}, {1, 1}, 1},
        {"1x1 of one pixel", {3, 20, 1, 1}, 12, 1, 1, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
        {"7x7 stride 2", {1, 3, 15, 14}, 8, 7, 7, {2, 2}, {3, 3, 3, 3}, {1, 1}, 1},
        {"5x3", {1, 2, 8, 7}, 3, 5, 3, {1, 1}, {2, 1, 2, 1}, {1, 1}, 1},
        {"1x3", {1, 2, 8, 7}, 3, 1, 3, {1, 1}, {0, 1, 0, 1}, {1, 1}, 1},
        {"a row", {2, 5, 1, 12}, 7, 1, 3, {1, 2}, {0, 1, 0, 1}, {1, 1}, 1},
        {"a column", {2, 5, 12, 1}, 7, 3, 1, {1, 1}, {1, 0, 1, 0}, {1, 1}, 1},
        {"whole image", {3, 4, 5, 5}, 6, 5, 5, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
        {"one channel", {2, 1, 9, 9}, 1, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 1},
        {"one channel to 16", {3, 1, 10, 10}, 16, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 1},
        {"3 to 64", {1, 3, 8, 8}, 64, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 1},
        {"17 to 33", {2, 17, 5, 5}, 33, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 1},
        {"32 to 32", {2, 32, 8, 8}, 32, 3, 3, {1, 1}, {1, 1, 1, 1}, {1, 1}, 1},
        {"stride past the kernel", {1, 3, 9, 9}, 4, 2, 2, {3, 3}, {0, 0, 0, 0}, {1, 1}, 1},
        {"rows left over", {1, 2, 8, 8}, 3, 3, 3, {3, 3}, {0, 0, 0, 0}, {1, 1}, 1},
        {"stride past the image", {2, 1, 1, 1}, 3, 1, 1, {4, 4}, {3, 3, 0, 0}, {1, 1}, 1},
        {"two channels, 3x3 stride 2", {3, 2, 9, 8}, 20, 3, 3, {2, 2}, {1, 1, 1, 1}, {1, 1}, 1},
        {"one channel, 1x7", {2, 1, 6, 9}, 9, 1, 7, {1, 1}, {0, 3, 0, 3}, {1, 1}, 1},
        {"one channel, 2x4", {2, 1, 6, 9}, 8, 2, 4, {1, 1}, {0, 0, 1, 2}, {1, 1}, 1},
        {"one channel, 6x5", {2, 1, 9, 9}, 33, 6, 5, {1, 1}, {2, 2, 2, 2}, {1, 1}, 1},
        {"one channel, 3x6", {1, 1, 9, 9}, 2, 3, 6, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
        {"one channel, 3x9", {1, 1, 9, 12}, 2, 3, 9, {1, 1}, {0, 0, 0, 0}, {1, 1}, 1},
        {"padding past the kernel", {1, 2, 4, 4}, 3, 2, 2, {1, 1}, {3, 3, 3, 3}, {1, 1}, 1},
    };
    return rows;
}

AttrsPtr attrs_of_row(const ConvRow& r) {
    return with<ConvAttrs>([&](ConvAttrs& a) {
        a.stride = r.stride;
        a.pad = r.pad;
        a.dilation = r.dilation;
        a.groups = r.groups;
    });
}

AttrsPtr pool(Pair kernel, Pair stride, Pair pad, bool count_pad) {
    return with<PoolAttrs>([&](PoolAttrs& a) {
        a.kernel = kernel;
        a.stride = stride;
        a.pad = pad;
        a.count_pad = count_pad;
    });
}

struct PoolRow {
    const char* name;
    Dims x;
    Pair kernel, stride, pad;
};

const std::vector<PoolRow>& pools() {
    static const std::vector<PoolRow> rows{
        {"2x2", {2, 3, 6, 8}, {2, 2}, {2, 2}, {0, 0, 0, 0}},
        {"2x2, rows left over", {2, 9, 7, 5}, {2, 2}, {2, 2}, {0, 0, 0, 0}},
        {"3x3 stride 2 padded", {2, 17, 9, 8}, {3, 3}, {2, 2}, {1, 1, 1, 1}},
        {"3x3 stride 1", {1, 16, 5, 6}, {3, 3}, {1, 1}, {1, 1, 1, 1}},
        {"2x3, stride 1x2", {2, 5, 6, 7}, {2, 3}, {1, 2}, {0, 1, 1, 0}},
        {"whole plane", {3, 20, 7, 7}, {7, 7}, {7, 7}, {0, 0, 0, 0}},
        {"stride past the window", {2, 8, 9, 9}, {2, 2}, {3, 3}, {0, 0, 0, 0}},
        {"one pixel", {2, 4, 1, 1}, {1, 1}, {1, 1}, {0, 0, 0, 0}},
        {"16x16", {1, 2, 17, 16}, {16, 16}, {1, 1}, {0, 0, 0, 0}},
        {"large", {4, 32, 24, 24}, {2, 2}, {2, 2}, {0, 0, 0, 0}},
    };
    return rows;
}

} // namespace

std::vector<Case> conv_cases() {
    std::vector<Case> cases;
    for (const ConvRow& r : convs()) {
        const In x = real(r.x), w = real({r.outputs, r.x[1] / r.groups, r.kh, r.kw}), b = real({r.outputs});
        cases.push_back({std::string("conv2d ") + r.name, "conv2d", attrs_of_row(r), {x, w, b}, 2e-5});
        cases.push_back({std::string("conv2d ") + r.name + ", no bias", "conv2d", attrs_of_row(r), {x, w}, 2e-5});
    }
    const ConvRow& first = convs()[0];
    cases.push_back(
        {"conv2d of no samples", "conv2d", attrs_of_row(first), {real({0, 3, 7, 6}), real({5, 3, 3, 3}), real({5})}});
    cases.push_back(
        {"max_pool2d of no samples", "max_pool2d", pool({2, 2}, {2, 2}, {0, 0, 0, 0}, false), {real({0, 3, 6, 6})}});
    cases.push_back(
        {"avg_pool2d of no samples", "avg_pool2d", pool({2, 2}, {2, 2}, {0, 0, 0, 0}, false), {real({0, 3, 6, 6})}});
    In x = real(convs()[0].x), w = real({5, 3, 3, 3}), b = real({5});
    w.gradient = false;
    cases.push_back({"conv2d, frozen weight", "conv2d", attrs_of_row(convs()[0]), {x, w, b}, 2e-5});
    x.gradient = false;
    w.gradient = true;
    cases.push_back({"conv2d, no input gradient", "conv2d", attrs_of_row(convs()[0]), {x, w, b}, 2e-5});
    for (const PoolRow& r : pools()) {
        cases.push_back(
            {std::string("max_pool2d ") + r.name, "max_pool2d", pool(r.kernel, r.stride, r.pad, false), {real(r.x)}});
        for (bool count : {false, true})
            cases.push_back({std::string("avg_pool2d ") + r.name + (count ? ", padding counts" : ""),
                             "avg_pool2d",
                             pool(r.kernel, r.stride, r.pad, count),
                             {real(r.x)}});
    }
    Case equal{"max_pool2d of equals", "max_pool2d", pool({3, 3}, {2, 2}, {1, 1, 1, 1}, false), {real({2, 9, 6, 6})}};
    equal.in[0].values = {0, 1, 1, -1, 1};
    equal.smooth = false;
    cases.push_back(equal);
    Case below{"max_pool2d, all below zero",
               "max_pool2d",
               pool({3, 3}, {1, 1}, {1, 1, 1, 1}, false),
               {real({2, 9, 4, 4}, -3, -1)}};
    cases.push_back(below);
    return cases;
}

} // namespace ds::testing
