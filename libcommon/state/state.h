// State: named buffers that outlive a run: parameters, statistics, moments, EMA, accumulators, caches.
// Outside Graph, Plan and Executor. Several executors may read one State at once; writing needs
// that nobody else runs. Packed copies of parameters are cached here by (slot, format, version).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace ds {

class State {
public:
    bool contains(const std::string& slot) const { return slots_.count(slot) != 0; }
    const Tensor& at(const std::string& slot) const; // Error(data) naming the slot
    /// Sets a slot's content and counts its version up.
    void set(const std::string& slot, Tensor tensor);
    void erase(const std::string& slot) { slots_.erase(slot); }
    /// Says that the slot's memory was written by a plan: packed copies are stale.
    void touched(const std::string& slot);
    std::vector<std::string> names() const; // sorted
    int64_t byte_size() const;

    /// The packed copy of a slot; `make` fills a new one when there is none of this version. Thread-safe.
    std::shared_ptr<std::byte> packed(const std::string& slot, const std::string& format, int64_t bytes,
                                      const std::function<void(std::byte*)>& make);

private:
    struct Entry {
        Tensor tensor;
        uint64_t version = 0;
    };
    struct Packed {
        uint64_t version = 0;
        std::shared_ptr<std::byte> data;
    };
    std::map<std::string, Entry> slots_;
    std::map<std::pair<std::string, std::string>, Packed> packed_;
    std::mutex mutex_;
};

/// Fills every slot of the graph that the State lacks by its Init: a function of seed and the slot's name only.
/// A slot that is there with another dtype or shape is Error(data).
void initialise(const Graph& graph, State& state, uint64_t seed);

} // namespace ds
