// Any bytes as a graph's text: an Error, or a graph that prints and parses back to the same text, and that the passes
// which run on loaded graphs take without a bug.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "graph/batching.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "pass/derive/autodiff.h"
#include "pass/derive/train_mode.h"
#include "pass/pass.h"

namespace {

/// Runs what may refuse a graph, but may not find a bug in it.
template <class F>
void try_to(F&& f) {
    try {
        f();
    } catch (const ds::Error& error) {
        if (error.code() == ds::Exit::bug) std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::Graph graph;
    try {
        graph = ds::parse_graph({reinterpret_cast<const char*>(data), size}, "fuzz");
    } catch (const ds::Error& error) {
        if (error.code() == ds::Exit::bug) std::abort();
        return 0;
    }
    const std::string written = ds::text(graph);
    if (ds::text(ds::parse_graph(written, "printed")) != written) std::abort();
    ds::dot(graph);
    try_to([&] { ds::verify(ds::optimise_for_inference(graph, nullptr, {}), "inference"); });
    try_to([&] { ds::bind(graph, {{"N", 3}, {"T", 2}}); });
    try_to([&] { ds::sample_places(graph, ds::Dim::symbol("N")); });
    try_to([&] { ds::verify(ds::optimise_for_training(ds::differentiate(ds::train_mode(graph)), {}), "training"); });
    return 0;
}
