// State: named buffers that outlive a run: parameters, statistics, moments, EMA, accumulators, caches.
// Outside Graph, Plan and Executor.
//
// A State may lie as a layer over another one: it reads the slots below and writes its own. A slot's content carries
// what was made from it: packed copies, and what was derived from slots alone (folded batch norms). Several names and
// layers may share one content, and with it all that; a content that is written or replaced forgets it.
//
// Several executors in several threads may read one State, and layers be made over it; writing needs that nobody else
// runs on it or on a layer above.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace ds {

class State {
public:
    State() = default;
    /// An empty layer over `base`, which stays as it is whatever is done to the layer.
    explicit State(std::shared_ptr<const State> base) : base_(std::move(base)) {}

    bool contains(const std::string& slot) const { return find(slot) != nullptr; }
    const Tensor& at(const std::string& slot) const; // Error(data) naming the slot
    /// Sets a slot of this layer to a new content.
    void set(const std::string& slot, Tensor tensor);
    /// Makes `slot` of this layer the content that `of` has now, here or below: not a copy.
    void share(const std::string& slot, const std::string& of); // Error(data) naming `of`
    /// Before a slot is written: one that lies below, or whose content others share, gets a copy of its own here.
    void own(const std::string& slot); // Error(data) naming the slot
    /// Forgets a slot of this layer; one of that name below shows again.
    void erase(const std::string& slot);
    /// Says that the memory of a slot of this layer was written: what was made from it is stale.
    void touched(const std::string& slot);
    std::vector<std::string> names() const; // sorted, those below included
    int64_t byte_size() const;              // of all slots that show

    /// Grows with every change here or below, never to a number that it has had: equal means that nothing changed.
    uint64_t epoch() const;
    /// Grows with every change of the slot's content; no two contents ever share a number, nor does one come back.
    uint64_t version(const std::string& slot) const; // Error(data) naming the slot

    /// The packed copy of a slot under a key that says all that its bytes depend on; `make` fills a new one when there
    /// is none of this content. Thread-safe.
    std::shared_ptr<std::byte> packed(const std::string& slot, const std::string& key, int64_t bytes,
                                      const std::function<void(std::byte*)>& make) const;

    /// Sets `slots` of this layer to what `make` computes from the contents of `sources` and from `recipe`, and from
    /// nothing else. Computed once as long as no source changes, whatever layer asks: the first source's content keeps
    /// the result. Thread-safe as far as the sources go; this layer must be the caller's own.
    void derive(const std::vector<std::string>& slots, const std::string& recipe,
                const std::vector<std::string>& sources, const std::function<std::vector<Tensor>()>& make);

private:
    struct Content;
    using Shared = std::shared_ptr<Content>;
    struct Derived;

    const Shared* find(const std::string& slot) const; // here or below; null
    const Shared& content(const std::string& slot) const;
    void put(const std::string& slot, Shared content);

    std::shared_ptr<const State> base_;
    std::map<std::string, Shared> slots_;
    std::atomic<uint64_t> epoch_{0}; // of this layer alone
};

/// Fills every slot of the graph that the State lacks by its Init: a function of seed and the slot's name only.
/// A slot that is there with another dtype or shape is Error(data).
void initialise(const Graph& graph, State& state, uint64_t seed);

} // namespace ds
