// batch_norm, batch_norm_train, batch_norm_dx and their fusions with a residual and relu, in any layout.
// Statistics and result are two passes over memory. With channel groups enough for every thread each thread
// does both passes group by group, while the group is in a cache; else samples are divided, and partial sums
// meet in a fixed order. Statistics: sums of x - x0 with the channel's first element x0, totals in double.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/body.h"
#include "kernels/cpu/vector/batch_norm_grid.h"
#include "ops/elementwise.h"
#include "ops/norm.h"

namespace ds::kernels::cpu {
namespace {

/// Which operand of the request plays which part; -1: none.
struct Roles {
    int x = -1, scale = -1, bias = -1, mean = -1, var = -1, residual = -1; // inputs
    int y = -1, batch_mean = -1, rstd = -1, next_mean = -1, next_var = -1; // outputs
    bool train = false, relu = false;
    double eps = 1e-5, momentum = 0.1;
};

const float* in_data(const Call& call, int i) { return i < 0 ? nullptr : call.in[size_t(i)].as<float>(); }
float* out_data(const Call& call, int i) { return i < 0 ? nullptr : call.out[size_t(i)].as<float>(); }

void forward(const Grid& grid, const Roles& r, const Call& call) {
    const float *x = in_data(call, r.x), *residual = in_data(call, r.residual);
    const float *scale = in_data(call, r.scale), *bias = in_data(call, r.bias);
    const float *mean_in = in_data(call, r.mean), *var_in = in_data(call, r.var);
    float* y = out_data(call, r.y);
    float *mean_out = out_data(call, r.batch_mean), *rstd_out = out_data(call, r.rstd);
    float *next_mean = out_data(call, r.next_mean), *next_var = out_data(call, r.next_var);
    const auto first_element = [&](int64_t g, int l) { return x[g * grid.group_stride + l]; };
    const auto collect = [&](int64_t g, int64_t begin, int64_t end, Sums& sums) {
        if (!r.train) return;
        alignas(64) float shift[16] = {};
        for (int l = 0; l < grid.valid(g); ++l) shift[l] = first_element(g, l);
        grid.each(g, begin, end, false,
                  [&](int64_t o, Stretch s) { grid.loops->stats(x + o, s, shift, sums.first, sums.second); });
    };
    const double n = grid.count();
    const auto finish = [&](int64_t g, const Sums& sums, GroupParams& p) {
        for (int l = 0; l < grid.valid(g); ++l) {
            const int64_t c = g * grid.lanes + l;
            double mean, var;
            if (r.train) {
                const double d = sums.first[l] / n;
                mean = double(first_element(g, l)) + d;
                var = std::max(sums.second[l] / n - d * d, 0.0); // in this order a NaN stays
                if (next_mean) next_mean[c] = float((1 - r.momentum) * double(mean_in[c]) + r.momentum * mean);
                if (next_var)
                    next_var[c] =
                        float((1 - r.momentum) * double(var_in[c]) + r.momentum * var * n / std::max(1.0, n - 1));
            } else {
                mean = double(mean_in[c]);
                var = double(var_in[c]);
            }
            const double rstd = 1 / std::sqrt(var + r.eps);
            if (mean_out) mean_out[c] = float(mean);
            if (rstd_out) rstd_out[c] = float(rstd);
            p.mean[l] = float(mean);
            p.a[l] = float(double(scale[c]) * rstd);
            p.b[l] = bias[c];
        }
    };
    const auto apply = [&](int64_t g, int64_t begin, int64_t end, const GroupParams& p) {
        if (!y) return;
        grid.each(g, begin, end, true, [&](int64_t o, Stretch s) {
            grid.loops->apply(x + o, residual ? residual + o : nullptr, y + o, s, p, r.relu);
        });
    };
    grid.run(call.scratch, collect, finish, apply);
}

bool read_forward(const Request& request, Roles& r, std::string& why) {
    const std::vector<Part> parts = parts_of(request);
    const std::vector<int> results = results_of(request);
    const int inputs = int(request.in.size());
    const Part& norm = parts[0];
    if (norm.op != "batch_norm" && norm.op != "batch_norm_train") return refuse(why, "not a batch norm");
    const auto& attrs = static_cast<const BatchNormAttrs&>(*norm.attrs);
    r.eps = attrs.eps;
    r.momentum = attrs.momentum;
    r.train = norm.op == "batch_norm_train";
    int* roles[] = {&r.x, &r.scale, &r.bias, &r.mean, &r.var};
    for (size_t i = 0; i < 5; ++i) {
        *roles[i] = norm.in[i];
        if (norm.in[i] >= inputs) return refuse(why, "an operand from inside the body");
    }
    if (r.train) {
        r.batch_mean = result_index(results, norm.out[1]);
        r.rstd = result_index(results, norm.out[2]);
        r.next_mean = result_index(results, norm.out[3]);
        r.next_var = result_index(results, norm.out[4]);
    }
    int last = norm.out[0];
    for (size_t i = 1; i < parts.size(); ++i) {
        const Part& part = parts[i];
        if (result_index(results, last) >= 0) return refuse(why, "a value inside the body is read outside");
        if (part.op == "binary" && r.residual < 0 && !r.relu) {
            if (static_cast<const BinaryAttrs&>(*part.attrs).kind != BinaryKind::add) return refuse(why, "not an add");
            r.residual = part.in[0] == last ? part.in[1] : part.in[0];
            if (r.residual >= inputs || request.in[size_t(r.residual)].shape != request.in[size_t(r.x)].shape)
                return refuse(why, "a residual of another size");
        } else if (is_unary(part, UnaryKind::relu) && !r.relu) {
            r.relu = true;
        } else {
            return refuse(why, fmt::format("{} after the norm", part.op));
        }
        last = part.out[0];
    }
    r.y = result_index(results, last);
    return r.y >= 0 || refuse(why, "the result is not an output");
}

std::unique_ptr<Kernel> make_forward(const Request& request, std::string& why) {
    Roles r;
    if (!all_f32(request, why) || !read_forward(request, r, why)) return nullptr;
    const Dims& shape = request.in[size_t(r.x)].shape;
    const Layout layout = layout_of(request, shape);
    const Grid grid = make_grid(shape, layout);
    auto kernel = make_kernel([grid, r](const Call& call) { forward(grid, r, call); });
    set_layouts(*kernel, request, shape, layout);
    kernel->scratch = grid.scratch();
    kernel->in_place.push_back({r.y, r.x});
    if (r.residual >= 0) kernel->in_place.push_back({r.y, r.residual});
    if (r.next_mean >= 0) kernel->in_place.push_back({r.next_mean, r.mean});
    if (r.next_var >= 0) kernel->in_place.push_back({r.next_var, r.var});
    return kernel;
}

struct GradRoles {
    int dy = -1, y = -1, x = -1, scale = -1, mean = -1, rstd = -1; // inputs
    int masked = -1, dx = -1, dscale = -1, dbias = -1;             // outputs
};

void backward(const Grid& grid, const GradRoles& r, const Call& call) {
    const float *dy = in_data(call, r.dy), *y = in_data(call, r.y), *x = in_data(call, r.x);
    const float *scale = in_data(call, r.scale), *mean = in_data(call, r.mean), *rstd = in_data(call, r.rstd);
    float *masked = out_data(call, r.masked), *dx = out_data(call, r.dx);
    float *dscale = out_data(call, r.dscale), *dbias = out_data(call, r.dbias);
    const auto collect = [&](int64_t g, int64_t begin, int64_t end, Sums& sums) {
        alignas(64) float m[16] = {};
        for (int l = 0; l < grid.valid(g); ++l) m[l] = mean[g * grid.lanes + l];
        grid.each(g, begin, end, false, [&](int64_t o, Stretch s) {
            grid.loops->dx_stats(dy + o, y ? y + o : nullptr, x + o, masked ? masked + o : nullptr, s, m, sums.first,
                                 sums.second);
        });
    };
    const double n = grid.count();
    const auto finish = [&](int64_t g, const Sums& sums, GroupParams& p) {
        for (int l = 0; l < grid.valid(g); ++l) {
            const int64_t c = g * grid.lanes + l;
            const double inverse = double(rstd[c]), a = double(scale[c]) * inverse;
            if (dscale) dscale[c] = float(sums.second[l] * inverse);
            if (dbias) dbias[c] = float(sums.first[l]);
            p.mean[l] = mean[c];
            p.a[l] = float(a);
            p.b[l] = float(-a * inverse * inverse * sums.second[l] / n);
            p.c[l] = float(-a * sums.first[l] / n);
        }
    };
    const float* gradient = masked ? masked : dy; // once written, the masked gradient is read again
    const float* gate = masked ? nullptr : y;
    const auto apply = [&](int64_t g, int64_t begin, int64_t end, const GroupParams& p) {
        if (!dx) return;
        grid.each(g, begin, end, true, [&](int64_t o, Stretch s) {
            grid.loops->dx_apply(gradient + o, gate ? gate + o : nullptr, x + o, dx + o, s, p);
        });
    };
    grid.run(call.scratch, collect, finish, apply);
}

bool read_backward(const Request& request, GradRoles& r, std::string& why) {
    const std::vector<Part> parts = parts_of(request);
    const std::vector<int> results = results_of(request);
    const Part& norm = parts.back();
    if (norm.op != "batch_norm_dx" || parts.size() > 2) return refuse(why, "not the gradient of a batch norm");
    r.dy = norm.in[0];
    if (parts.size() == 2) {
        const Part& mask = parts[0];
        if (mask.op != "unary_dx" || static_cast<const UnaryAttrs&>(*mask.attrs).kind != UnaryKind::relu ||
            norm.in[0] != mask.out[0])
            return refuse(why, "an activation other than relu");
        r.dy = mask.in[0];
        r.y = mask.in[1];
        r.masked = result_index(results, mask.out[0]);
    }
    r.x = norm.in[1];
    r.scale = norm.in[2];
    r.mean = norm.in[3];
    r.rstd = norm.in[4];
    for (int v : {r.dy, r.y, r.x, r.scale, r.mean, r.rstd})
        if (v >= int(request.in.size())) return refuse(why, "an operand from inside the body");
    r.dx = result_index(results, norm.out[0]);
    r.dscale = result_index(results, norm.out[1]);
    r.dbias = result_index(results, norm.out[2]);
    return true;
}

std::unique_ptr<Kernel> make_backward(const Request& request, std::string& why) {
    GradRoles r;
    if (!all_f32(request, why) || !read_backward(request, r, why)) return nullptr;
    const Dims& shape = request.in[size_t(r.x)].shape;
    const Layout layout = layout_of(request, shape);
    const Grid grid = make_grid(shape, layout);
    auto kernel = make_kernel([grid, r](const Call& call) { backward(grid, r, call); });
    set_layouts(*kernel, request, shape, layout);
    kernel->scratch = grid.scratch();
    if (r.masked >= 0) kernel->in_place.push_back({r.masked, r.dy});
    if (r.dx >= 0) {
        kernel->in_place.push_back({r.dx, r.dy});
        kernel->in_place.push_back({r.dx, r.x});
        if (r.y >= 0) kernel->in_place.push_back({r.dx, r.y});
    }
    return kernel;
}

} // namespace

void add_batch_norm(Registry& registry) {
    registry.add({"batch_norm", "cpu.vector.batch_norm", make_forward});
    registry.add({"batch_norm_train", "cpu.vector.batch_norm", make_forward});
    registry.add({"fused/norm", "cpu.vector.batch_norm", make_forward});
    registry.add({"batch_norm_dx", "cpu.vector.batch_norm", make_backward});
    registry.add({"fused/norm_dx", "cpu.vector.batch_norm", make_backward});
}

} // namespace ds::kernels::cpu
