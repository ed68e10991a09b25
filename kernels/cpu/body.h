// Reading a request that may be one node or a fused body alike.
#pragma once

#include <algorithm>

#include "kernels/kernel.h"
#include "ops/elementwise.h"

namespace ds::kernels::cpu {

inline bool is_unary(const Part& part, UnaryKind kind) {
    return part.op == "unary" && static_cast<const UnaryAttrs&>(*part.attrs).kind == kind;
}

/// The request as a body of parts: itself, or what is fused.
inline std::vector<Part> parts_of(const Request& request) {
    if (request.op == "fused") return {request.parts.begin(), request.parts.end()};
    Part part{request.op, &request.attrs, {}, {}};
    for (size_t i = 0; i < request.in.size() + request.out.size(); ++i)
        (i < request.in.size() ? part.in : part.out).push_back(int(i));
    return {part};
}

/// The value number of each output of the request.
inline std::vector<int> results_of(const Request& request) {
    if (request.op == "fused") return {request.results.begin(), request.results.end()};
    std::vector<int> results;
    for (size_t i = 0; i < request.out.size(); ++i) results.push_back(int(request.in.size() + i));
    return results;
}

/// Which output of the request a value is, or -1.
inline int result_index(const std::vector<int>& results, int value) {
    const auto at = std::find(results.begin(), results.end(), value);
    return at == results.end() ? -1 : int(at - results.begin());
}

} // namespace ds::kernels::cpu
