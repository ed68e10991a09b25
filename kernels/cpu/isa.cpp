#include "kernels/cpu/isa.h"

#include <array>
#include <cstdlib>
#include <mutex>
#include <string_view>

#include "base/error.h"
#include "hwy/highway.h"
#include "kernels/cpu/onednn/onednn.h"

namespace ds::kernels::cpu {
namespace {

struct Cap {
    std::string_view name;
    dnnl::cpu_isa isa;
    int64_t disabled; // Highway's targets above the cap
};

constexpr std::array caps{
    Cap{"avx2", dnnl::cpu_isa::avx2, HWY_AVX3 | HWY_AVX3_DL},
    Cap{"avx512", dnnl::cpu_isa::avx512_core, HWY_AVX3_DL},
    Cap{"avx512_vnni", dnnl::cpu_isa::avx512_core_vnni, 0},
    Cap{"avx512_bf16", dnnl::cpu_isa::avx512_core_bf16, 0},
    Cap{"amx", dnnl::cpu_isa::avx512_core_amx, 0},
};

void apply(std::string_view name) {
    for (const Cap& cap : caps) {
        if (cap.name != name) continue;
        hwy::DisableTargets(cap.disabled);
        dnnl::set_max_cpu_isa(cap.isa); // refuses when a primitive was made before: then nothing can change
        return;
    }
    fail(Exit::usage, "DS_ISA is '{}'; give one of avx2, avx512, avx512_vnni, avx512_bf16, amx", name);
}

std::string_view name(dnnl::cpu_isa isa) {
    switch (isa) {
    case dnnl::cpu_isa::sse41: return "sse41";
    case dnnl::cpu_isa::avx: return "avx";
    case dnnl::cpu_isa::avx2: return "avx2";
    case dnnl::cpu_isa::avx2_vnni: return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core: return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni: return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16: return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx: return "avx512_core_amx";
    default: return "default";
    }
}

} // namespace

void apply_isa_cap() {
    static std::once_flag once;
    std::call_once(once, [] {
        const char* text = std::getenv("DS_ISA");
        if (text && *text) apply(text);
    });
}

bool has_wide_vectors() {
    apply_isa_cap();
    return (hwy::SupportedTargets() & (HWY_AVX3 | HWY_AVX3_DL)) != 0;
}

std::string isa_in_use() {
    apply_isa_cap();
    const int64_t targets = hwy::SupportedTargets();
    const dnnl_version_t& v = *dnnl_version();
    return fmt::format("{} (Highway), {} (oneDNN {}.{}.{})", hwy::TargetName(targets & -targets),
                       name(dnnl::get_effective_cpu_isa()), v.major, v.minor, v.patch);
}

} // namespace ds::kernels::cpu
