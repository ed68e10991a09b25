#include "state/state.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/error.h"

namespace ds {
namespace {

/// Versions and epochs are ticks of one clock: none comes twice, in whatever State.
uint64_t tick() {
    static std::atomic<uint64_t> clock{0};
    return ++clock;
}

} // namespace

/// What was made from several contents: valid while each has its version of then.
struct State::Derived {
    std::string recipe;
    std::vector<std::weak_ptr<Content>> others; // the sources but for the first, which keeps this
    std::vector<uint64_t> versions;             // of all sources
    std::vector<Shared> made;

    bool is_of(const std::string& r, const std::vector<Shared>& sources) const {
        if (recipe != r || others.size() + 1 != sources.size()) return false;
        for (size_t i = 0; i < others.size(); ++i)
            if (others[i].lock() != sources[i + 1]) return false;
        return true;
    }
    bool is_orphan() const {
        return std::any_of(others.begin(), others.end(), [](const auto& other) { return other.expired(); });
    }
};

struct State::Content {
    explicit Content(Tensor t) : tensor(std::move(t)), version(tick()) {}

    void touched() {
        version = tick();
        const std::lock_guard lock(mutex);
        packed.clear();
        derived.clear();
    }

    Tensor tensor;
    std::atomic<uint64_t> version;
    std::mutex mutex; // of what follows
    std::map<std::string, std::shared_ptr<std::byte>> packed;
    std::vector<Derived> derived;
};

const State::Shared* State::find(const std::string& slot) const {
    for (const State* layer = this; layer; layer = layer->base_.get())
        if (const auto it = layer->slots_.find(slot); it != layer->slots_.end()) return &it->second;
    return nullptr;
}

const State::Shared& State::content(const std::string& slot) const {
    const Shared* found = find(slot);
    if (!found) fail(Exit::data, "the State has no '{}'", slot);
    return *found;
}

const Tensor& State::at(const std::string& slot) const { return content(slot)->tensor; }

uint64_t State::version(const std::string& slot) const { return content(slot)->version; }

void State::put(const std::string& slot, Shared content) {
    slots_[slot] = std::move(content);
    epoch_ = tick();
}

void State::set(const std::string& slot, Tensor tensor) { put(slot, std::make_shared<Content>(std::move(tensor))); }

void State::share(const std::string& slot, const std::string& of) { put(slot, Shared(content(of))); }

void State::own(const std::string& slot) {
    const auto it = slots_.find(slot);
    const bool is_alone = it != slots_.end() && it->second.use_count() == 1;
    if (!is_alone) set(slot, at(slot).clone());
}

void State::erase(const std::string& slot) {
    if (slots_.erase(slot)) epoch_ = tick();
}

void State::touched(const std::string& slot) {
    const auto it = slots_.find(slot);
    if (it == slots_.end()) return;
    it->second->touched();
    epoch_ = tick();
}

std::vector<std::string> State::names() const {
    std::set<std::string> all;
    for (const State* layer = this; layer; layer = layer->base_.get())
        for (const auto& [name, content] : layer->slots_) all.insert(name);
    return {all.begin(), all.end()};
}

int64_t State::byte_size() const {
    int64_t total = 0;
    for (const std::string& name : names()) total += int64_t(at(name).byte_size());
    return total;
}

uint64_t State::epoch() const {
    uint64_t latest = 0;
    for (const State* layer = this; layer; layer = layer->base_.get())
        latest = std::max(latest, layer->epoch_.load(std::memory_order_acquire));
    return latest;
}

std::shared_ptr<std::byte> State::packed(const std::string& slot, const std::string& key, int64_t bytes,
                                         const std::function<void(std::byte*)>& make) const {
    const Shared& from = content(slot);
    const std::lock_guard lock(from->mutex);
    std::shared_ptr<std::byte>& copy = from->packed[key];
    if (!copy) {
        std::shared_ptr<std::byte> made = allocate_bytes(size_t(bytes));
        make(made.get());
        copy = std::move(made);
    }
    return copy;
}

void State::derive(const std::vector<std::string>& slots, const std::string& recipe,
                   const std::vector<std::string>& sources, const std::function<std::vector<Tensor>()>& make) {
    std::vector<Shared> from;
    std::vector<uint64_t> versions;
    for (const std::string& source : sources) {
        from.push_back(content(source));
        versions.push_back(from.back()->version);
    }
    const std::lock_guard lock(from.at(0)->mutex);
    std::vector<Derived>& cache = from[0]->derived;
    std::erase_if(cache,
                  [&](const Derived& d) { return d.is_orphan() || (d.is_of(recipe, from) && d.versions != versions); });
    auto known = std::find_if(cache.begin(), cache.end(), [&](const Derived& d) { return d.is_of(recipe, from); });
    if (known == cache.end()) {
        Derived fresh{recipe, {from.begin() + 1, from.end()}, std::move(versions), {}};
        for (Tensor& tensor : make()) fresh.made.push_back(std::make_shared<Content>(std::move(tensor)));
        known = cache.insert(cache.end(), std::move(fresh));
    }
    if (known->made.size() != slots.size())
        bug("'{}' makes {} slots, not {}", recipe, known->made.size(), slots.size());
    for (size_t i = 0; i < slots.size(); ++i) put(slots[i], known->made[i]);
}

} // namespace ds
