// A norm over rows or groups, with an activation behind it or without, as one request: which operand is what.
#pragma once

#include "kernels/cpu/body.h"
#include "kernels/cpu/common.h"
#include "kernels/cpu/vector/elementwise.h"

namespace ds::kernels::cpu {

struct NormBody {
    std::string_view op;              // "layer_norm", "rms_norm", "group_norm"
    const Attrs* attrs = nullptr;     // of the norm
    int x = 0, scale = 0, bias = -1;  // inputs; -1: it has none
    int y = -1, mean = -1, rstd = -1; // outputs; -1: nobody reads it
    Micro activation = nullptr;       // of y, where it was just written; null: none
    float alpha = 0, beta = 0;

    static float* output(const Call& call, int index) {
        return index < 0 ? nullptr : call.out[size_t(index)].as<float>();
    }
    const float* input(const Call& call, int index) const {
        return index < 0 ? nullptr : call.in[size_t(index)].as<float>();
    }
    void activate(float* values, int64_t n) const {
        if (!activation) return;
        const auto* in = reinterpret_cast<const std::byte*>(values);
        activation(&in, reinterpret_cast<std::byte*>(values), size_t(n), alpha, beta);
    }
};

inline bool read_norm_body(const Request& request, NormBody& body, std::string& why) {
    const std::vector<Part> parts = parts_of(request);
    const std::vector<int> results = results_of(request);
    const Part& norm = parts[0];
    if (norm.op != "layer_norm" && norm.op != "rms_norm" && norm.op != "group_norm")
        return refuse(why, "a norm of another kind");
    const bool centred = norm.op != "rms_norm";
    body.op = norm.op;
    body.attrs = norm.attrs;
    body.x = norm.in[0];
    body.scale = norm.in[1];
    if (centred) body.bias = norm.in[2];
    for (const int in : norm.in)
        if (in >= int(request.in.size())) return refuse(why, "an operand from inside the body");
    if (centred) body.mean = result_index(results, norm.out[1]);
    body.rstd = result_index(results, norm.out[centred ? 2 : 1]);
    int last = norm.out[0];
    if (parts.size() > 2 || (parts.size() == 2 && parts[1].op != "unary"))
        return refuse(why, fmt::format("{} after the norm", parts[1].op));
    if (parts.size() == 2) {
        if (result_index(results, last) >= 0) return refuse(why, "a value inside the body is read outside");
        const auto& unary = static_cast<const UnaryAttrs&>(*parts[1].attrs);
        body.activation = unary_micro(unary.kind, DType::f32);
        body.alpha = float(unary.alpha);
        body.beta = float(unary.beta);
        if (!body.activation) return refuse(why, "no vector code for the activation");
        last = parts[1].out[0];
    }
    body.y = result_index(results, last);
    return (body.y >= 0 && request.out[size_t(body.y)].used) || refuse(why, "y is not read");
}

} // namespace ds::kernels::cpu
