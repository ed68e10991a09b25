// Gives the buffers of a draft their places: outputs take over the memory of operands that die with their step,
// then the memory planner lays out what is left by lifetime.
#include <algorithm>
#include <limits>

#include "plan/draft/draft.h"
#include "plan/place/memory.h"

namespace ds {

namespace {

class Placement {
public:
    Placement(Draft draft, const PlanOptions& options)
        : draft_(std::move(draft)), options_(options), end_(int32_t(draft_.plan.steps.size())) {}

    Plan run() {
        measure_lives();
        if (options_.in_place && options_.reuse)
            for (int32_t t = 0; t < end_; ++t) merge_in_place(t);
        lay_out();
        rewrite();
        return std::move(draft_.plan);
    }

private:
    struct Life {
        int32_t first = std::numeric_limits<int32_t>::max(), last = -1;
        int32_t root = -1; // the buffer whose memory this one takes over; itself when it has its own
    };

    void touch(int32_t buffer, int32_t step) {
        Life& life = lives_[size_t(buffer)];
        life.first = std::min(life.first, step);
        life.last = std::max(life.last, step);
    }

    void measure_lives() {
        lives_.resize(draft_.buffers.size());
        for (int32_t t = 0; t < end_; ++t) {
            const Step& step = draft_.plan.steps[size_t(t)];
            for (const PlanOperand& o : step.in)
                if (o.place.where != Where::nowhere) touch(o.place.index, t);
            for (const PlanOperand& o : step.out)
                if (o.place.where != Where::nowhere) touch(o.place.index, t);
            if (draft_.scratch[size_t(t)] >= 0) touch(draft_.scratch[size_t(t)], t);
        }
        for (size_t b = 0; b < lives_.size(); ++b) {
            lives_[b].root = int32_t(b);
            if (draft_.buffers[b].from_start) touch(int32_t(b), 0);
            if (draft_.buffers[b].to_end) touch(int32_t(b), end_);
        }
    }

    int32_t root(int32_t buffer) const {
        while (lives_[size_t(buffer)].root != buffer) buffer = lives_[size_t(buffer)].root;
        return buffer;
    }

    void merge_in_place(int32_t t) {
        const Step& step = draft_.plan.steps[size_t(t)];
        for (auto [o, i] : step.kernel->in_place) {
            const PlanOperand& out = step.out[size_t(o)];
            const PlanOperand& in = step.in[size_t(i)];
            if (out.place.where != Where::arena || in.place.where != Where::arena) continue;
            if (!same_extent(out, in)) continue;
            const int32_t to = root(in.place.index), from = out.place.index;
            if (lives_[size_t(to)].last != t || lives_[size_t(from)].first != t || root(from) != from) continue;
            if (users(step, to) != 1) continue; // another operand of this step needs the old content
            lives_[size_t(from)].root = to;
            lives_[size_t(to)].last = lives_[size_t(from)].last;
        }
    }

    /// True when both operands fill their buffers, in the same order of elements.
    bool same_extent(const PlanOperand& a, const PlanOperand& b) const {
        auto whole = [&](const PlanOperand& o) {
            const bool dense = o.view.layout.format != Format::plain || o.view.contiguous();
            return dense && o.place.offset == 0 &&
                   bytes(o.view.dtype, o.view.shape, o.view.layout) == draft_.buffers[size_t(o.place.index)].bytes;
        };
        return a.view.layout == b.view.layout && bits(a.view.dtype) == bits(b.view.dtype) && whole(a) && whole(b) &&
               draft_.buffers[size_t(a.place.index)].bytes == draft_.buffers[size_t(b.place.index)].bytes;
    }

    int users(const Step& step, int32_t buffer) const {
        int n = 0;
        for (const PlanOperand& o : step.in) n += o.place.where == Where::arena && root(o.place.index) == buffer;
        for (const PlanOperand& o : step.out) n += o.place.where == Where::arena && root(o.place.index) == buffer;
        return n;
    }

    void lay_out() {
        std::vector<BufferRequest> requests;
        std::vector<int32_t> owner;
        for (size_t b = 0; b < lives_.size(); ++b) {
            const Life& life = lives_[b];
            if (draft_.buffers[b].where != Where::arena || life.root != int32_t(b) || life.last < 0) continue;
            requests.push_back({draft_.buffers[b].bytes, life.first, life.last});
            owner.push_back(int32_t(b));
        }
        std::vector<BufferRequest> kept = requests;
        if (!options_.reuse)
            for (BufferRequest& r : kept) r.first = 0, r.last = end_;
        const MemoryPlan memory = plan_memory(kept);
        offsets_.assign(lives_.size(), 0);
        for (size_t i = 0; i < owner.size(); ++i) offsets_[size_t(owner[i])] = memory.offsets[i];
        draft_.plan.arena_bytes = memory.bytes;
        draft_.plan.lower_bound = memory.lower_bound;
    }

    void resolve(PlanOperand& operand) const {
        Place& place = operand.place;
        if (place.where == Where::nowhere) return;
        const int32_t buffer = place.index;
        if (place.where == Where::arena) {
            place.index = 0;
            place.offset += offsets_[size_t(root(buffer))];
        } else {
            place.index = draft_.buffers[size_t(buffer)].index;
        }
    }

    void rewrite() {
        Plan& plan = draft_.plan;
        for (size_t t = 0; t < plan.steps.size(); ++t) {
            for (PlanOperand& o : plan.steps[t].in) resolve(o);
            for (PlanOperand& o : plan.steps[t].out) resolve(o);
            if (draft_.scratch[t] >= 0) plan.steps[t].scratch_offset = offsets_[size_t(draft_.scratch[t])];
        }
        for (auto& [name, operand] : plan.inputs) resolve(operand);
        for (auto& [name, operand] : plan.outputs) resolve(operand);
    }

    Draft draft_;
    const PlanOptions& options_;
    const int32_t end_;
    std::vector<Life> lives_;
    std::vector<int64_t> offsets_; // by root buffer
};

} // namespace

Plan place(Draft draft, const PlanOptions& options) { return Placement(std::move(draft), options).run(); }

} // namespace ds
