// Runs a plan: every view is resolved to an address once, run() is a loop over the steps. Addresses are made anew
// only when something moved: the arena grew for another executor, a slot was set to another tensor, a packed copy
// went stale because its slot was written. That nothing of the State changed is seen by its epoch alone.
#include "exec/executor.h"

#include <sys/mman.h>

#include <chrono>

#include "base/error.h"
#include "exec/numerics.h"

namespace ds {

std::byte* Arena::at_least(int64_t bytes) {
    if (bytes <= bytes_ && data_) return data_.get();
    data_ = nullptr; // the old memory goes first: both together might not fit
    data_ = allocate_bytes(size_t(std::max<int64_t>(bytes, 64)));
    bytes_ = bytes;
    return data_.get();
}

struct Executor::Impl {
    std::shared_ptr<const Plan> plan;
    std::shared_ptr<State> state;
    std::shared_ptr<Arena> arena;

    std::byte* base = nullptr;
    uint64_t epoch = 0;        // of the State that slots and packed copies are of
    bool moved = false;        // some of them, or the arena, since `views` got their addresses
    std::vector<Tensor> slots; // sharing the State's memory
    std::vector<std::shared_ptr<std::byte>> packed;
    std::vector<TensorView> views;    // operands of all steps, one after the other
    std::vector<kernels::Call> calls; // by step, spans of `views`
    Profile profile;
    NumericsCheck numerics;

    Impl(std::shared_ptr<const Plan> p, std::shared_ptr<State> s, std::shared_ptr<Arena> a)
        : plan(std::move(p)),
          state(std::move(s)),
          arena(a ? std::move(a) : std::make_shared<Arena>()),
          slots(plan->slots.size()),
          packed(plan->packed.size()),
          numerics(*plan) {
        for (const Step& step : plan->steps) {
            for (const PlanOperand& o : step.in) views.push_back(o.view);
            for (const PlanOperand& o : step.out) views.push_back(o.view);
        }
        size_t at = 0;
        for (const Step& step : plan->steps) {
            const std::span all(views);
            calls.push_back(
                {all.subspan(at, step.in.size()), all.subspan(at + step.in.size(), step.out.size()), nullptr});
            at += step.in.size() + step.out.size();
        }
        profile.seconds.assign(plan->steps.size(), 0.0);
        refresh();
    }

    std::byte* address(const Place& place) const {
        const auto index = size_t(place.index);
        switch (place.where) {
        case Where::nowhere: return nullptr;
        case Where::arena: return base + place.offset;
        case Where::slot: return slots[index].data() + place.offset;
        case Where::constant: return plan->constants[index].data() + place.offset;
        case Where::packed: return packed[index].get() + place.offset;
        }
        return nullptr;
    }

    /// Brings every address up to date.
    void refresh() {
        if (epoch == 0 || epoch != state->epoch()) {
            for (const std::string& slot : plan->written) state->own(slot);
            const uint64_t seen = state->epoch();
            refresh_slots();
            refresh_packed();
            epoch = seen; // last: a refusal above is said again by the next run
        }
        std::byte* now = arena->at_least(plan->arena_bytes);
        moved |= now != base;
        base = now;
        if (!moved) return;
        moved = false;
        size_t at = 0;
        for (size_t t = 0; t < plan->steps.size(); ++t) {
            const Step& step = plan->steps[t];
            for (const PlanOperand& o : step.in) views[at++].data = address(o.place);
            for (const PlanOperand& o : step.out) views[at++].data = address(o.place);
            calls[t].scratch = base + step.scratch_offset;
        }
    }

    void refresh_slots() {
        for (size_t s = 0; s < slots.size(); ++s) {
            const Tensor& tensor = state->at(plan->slots[s]);
            if (!slots[s].empty() && tensor.data() == slots[s].data()) continue;
            const Type& type = plan->slot_types[s];
            if (tensor.dtype() != type.dtype || shape(tensor.shape()) != type.shape)
                fail(Exit::data, "'{}' is {}{} where the plan has {}", plan->slots[s], name(tensor.dtype()),
                     text(tensor.shape()), text(type));
            slots[s] = tensor;
            moved = true;
        }
    }

    void refresh_packed() {
        for (size_t i = 0; i < packed.size(); ++i) {
            const PackedSlot& p = plan->packed[i];
            auto make = [&](std::byte* to) {
                const std::shared_ptr<std::byte> scratch = allocate_bytes(std::max<size_t>(p.scratch, 64));
                p.kernel->pack(p.packing, slots[size_t(p.slot)].view(), to, scratch.get());
            };
            std::shared_ptr<std::byte> now = state->packed(plan->slots[size_t(p.slot)], p.key, p.bytes, make);
            if (now == packed[i]) continue;
            packed[i] = std::move(now);
            moved = true;
        }
    }

    TensorView resolved(const PlanOperand& operand) const {
        TensorView view = operand.view;
        view.data = address(operand.place);
        return view;
    }

    void run_steps(const RunOptions& options) {
        using Clock = std::chrono::steady_clock;
        Clock::time_point before = options.time ? Clock::now() : Clock::time_point{};
        for (size_t t = 0; t < calls.size(); ++t) {
            if (options.check_numerics) numerics.before(t, calls[t]);
            plan->steps[t].kernel->run(calls[t]);
            if (options.check_numerics) numerics.after(t, calls[t]);
            if (!options.time) continue;
            const Clock::time_point now = Clock::now();
            profile.seconds[t] += std::chrono::duration<double>(now - before).count();
            before = now;
        }
        profile.runs += options.time;
    }

    void run(const RunOptions& options) {
        refresh();
        struct Touch { // also when a step throws: slots may have been written by then
            Impl& impl;
            ~Touch() {
                for (const std::string& slot : impl.plan->written) impl.state->touched(slot);
                impl.epoch = impl.state->epoch(); // what a plan writes stays where it is and has no packed copy in it
            }
        } touch{*this};
        run_steps(options);
    }
};

Executor::Executor(std::shared_ptr<const Plan> plan, std::shared_ptr<State> state, std::shared_ptr<Arena> arena)
    : impl_(std::make_unique<Impl>(std::move(plan), std::move(state), std::move(arena))) {}
Executor::~Executor() = default;
Executor::Executor(Executor&&) noexcept = default;

bool Executor::has_input(const std::string& name) const { return impl_->plan->inputs.count(name) != 0; }

bool Executor::has_output(const std::string& name) const { return impl_->plan->outputs.count(name) != 0; }

TensorView Executor::input(const std::string& name) const {
    const auto it = impl_->plan->inputs.find(name);
    if (it == impl_->plan->inputs.end()) bug("the plan has no input '{}'", name);
    impl_->refresh();
    return impl_->resolved(it->second);
}

TensorView Executor::output(const std::string& name) const {
    const auto it = impl_->plan->outputs.find(name);
    if (it == impl_->plan->outputs.end()) bug("the plan has no output '{}'", name);
    return impl_->resolved(it->second);
}

void Executor::run(const RunOptions& options) { impl_->run(options); }
const Profile& Executor::profile() const { return impl_->profile; }
const Plan& Executor::plan() const { return *impl_->plan; }

} // namespace ds
