// Convolution and pooling, N C H W; kernels O C/groups kh kw (cross-correlation, as every framework has it).
//   conv2d(x[N,C,H,W], w[O,C/g,kh,kw], b[O]?) -> y[N,O,H',W'],  H' = floor((H + top + bottom - dil*(kh-1) - 1)/stride)
//   + 1 conv2d_dx(dy, w) -> dx[N,C,H,W]               `size` holds H, W conv2d_dw(x, dy) -> dw, and db[O] when bias
//   `size` holds kh, kw max_pool2d(x) -> y, index u8 (row-major place of the maximum in its window, the first of
//   equals) max_pool2d_dx(dy, index) -> dx                `size` holds H, W avg_pool2d(x) -> y (padding counts in the
//   divisor when count_pad)    avg_pool2d_dx(dy) -> dx
#pragma once

#include "ops/attrs.h"

namespace ds {

struct ConvAttrs : AttrsOf<ConvAttrs> {
    std::vector<int64_t> stride{1, 1};
    std::vector<int64_t> pad{0, 0, 0, 0}; // top, left, bottom, right
    std::vector<int64_t> dilation{1, 1};
    int64_t groups = 1;
    void visit(FieldVisitor& v) override {
        v.field("stride", stride);
        v.field("pad", pad);
        v.field("dilation", dilation);
        v.field("groups", groups);
    }
};

struct ConvGradAttrs : AttrsOf<ConvGradAttrs> { // conv2d_dx, conv2d_dw
    ConvAttrs conv;
    Shape size;        // dx: H, W of x;  dw: kh, kw
    bool bias = false; // dw only: also give db
    void visit(FieldVisitor& v) override {
        conv.visit(v);
        v.field("size", size);
        v.field("bias", bias);
    }
};

struct PoolAttrs : AttrsOf<PoolAttrs> { // max_pool2d, avg_pool2d
    std::vector<int64_t> kernel{2, 2};  // kh*kw <= 256 for max
    std::vector<int64_t> stride{2, 2};
    std::vector<int64_t> pad{0, 0, 0, 0}; // top, left, bottom, right
    bool count_pad = false;               // average only
    void visit(FieldVisitor& v) override {
        v.field("kernel", kernel);
        v.field("stride", stride);
        v.field("pad", pad);
        v.field("count_pad", count_pad);
    }
};

struct PoolGradAttrs : AttrsOf<PoolGradAttrs> { // max_pool2d_dx, avg_pool2d_dx
    PoolAttrs pool;
    Shape size; // H, W of x
    void visit(FieldVisitor& v) override {
        pool.visit(v);
        v.field("size", size);
    }
};

} // namespace ds
