// State: versions that never come back, packed and derived contents that are forgotten in time, layers.
#include "state/state.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"

namespace ds {
namespace {

Tensor filled(float value, int64_t size = 4) {
    Tensor tensor(DType::f32, {size});
    for (float& x : tensor.span<float>()) x = value;
    return tensor;
}

/// The packed copy's first float; counts how often it was made.
float packed(const State& state, const std::string& slot, int& made, const std::string& key = "key") {
    const auto copy = state.packed(slot, key, 16, [&](std::byte* to) {
        ++made;
        *reinterpret_cast<float*>(to) = 10 * state.at(slot).as<float>()[0];
    });
    return *reinterpret_cast<const float*>(copy.get());
}

/// Derives `slot` as the sum of its sources.
void derive_sum(State& layer, const std::string& slot, const std::vector<std::string>& sources, int& made,
                const std::string& recipe = "sum") {
    layer.derive({slot}, recipe, sources, [&] {
        ++made;
        float total = 0;
        for (const std::string& source : sources) total += layer.at(source).as<float>()[0];
        return std::vector<Tensor>{filled(total)};
    });
}

float first(const State& state, const std::string& slot) { return state.at(slot).as<float>()[0]; }

// ---- versions ---------------------------------------------------------------------------------------

TEST(State, AVersionNeverComesBack) {
    State state;
    state.set("w", filled(1));
    const uint64_t set = state.version("w"), epoch = state.epoch();
    state.touched("w");
    const uint64_t touched = state.version("w");
    EXPECT_GT(touched, set);
    EXPECT_GT(state.epoch(), epoch);
    const uint64_t before = state.epoch();
    state.erase("w");
    EXPECT_GT(state.epoch(), before);
    state.set("w", filled(2));
    EXPECT_GT(state.version("w"), touched);
}

TEST(State, NothingChangesWhenNothingIsDone) {
    State state;
    state.set("w", filled(1));
    const uint64_t epoch = state.epoch();
    int made = 0;
    packed(state, "w", made);
    state.erase("none");
    state.touched("none");
    EXPECT_EQ(state.epoch(), epoch);
}

// ---- packed copies ----------------------------------------------------------------------------------

TEST(State, PackedCopiesAreMadeOnceForEachContentAndKey) {
    State state;
    state.set("w", filled(1));
    int made = 0;
    EXPECT_EQ(packed(state, "w", made), 10);
    EXPECT_EQ(packed(state, "w", made), 10);
    EXPECT_EQ(made, 1);
    packed(state, "w", made, "another");
    EXPECT_EQ(made, 2);
    state.at("w").as<float>()[0] = 2;
    state.touched("w");
    EXPECT_EQ(packed(state, "w", made), 20);
    EXPECT_EQ(made, 3);
}

TEST(State, AnErasedSlotForgetsItsPackedCopies) {
    State state;
    state.set("w", filled(1));
    int made = 0;
    packed(state, "w", made);
    state.erase("w");
    EXPECT_THROW(packed(state, "w", made), Error);
    state.set("w", filled(7));
    EXPECT_EQ(packed(state, "w", made), 70);
    EXPECT_EQ(made, 2);
}

TEST(State, APackedCopyThatCouldNotBeMadeIsTriedAgain) {
    State state;
    state.set("w", filled(1));
    EXPECT_THROW(state.packed("w", "key", 16, [](std::byte*) { fail(Exit::data, "no"); }), Error);
    int made = 0;
    EXPECT_EQ(packed(state, "w", made), 10);
}

// ---- layers -----------------------------------------------------------------------------------------

TEST(StateLayer, ReadsBelowAndWritesItsOwn) {
    const auto base = std::make_shared<State>();
    base->set("w", filled(1));
    base->set("b", filled(2));
    State layer(base);
    EXPECT_EQ(first(layer, "w"), 1);
    layer.set("w", filled(5));
    layer.set("own", filled(6, 8));
    EXPECT_EQ(first(layer, "w"), 5);
    EXPECT_EQ(first(*base, "w"), 1);
    EXPECT_FALSE(base->contains("own"));
    EXPECT_EQ(layer.names(), (std::vector<std::string>{"b", "own", "w"}));
    EXPECT_EQ(layer.byte_size(), 16 + 32 + 16);
    layer.erase("w");
    EXPECT_EQ(first(layer, "w"), 1) << "what lies below shows again";
    layer.erase("w");
    EXPECT_TRUE(base->contains("w"));
}

TEST(StateLayer, SeesChangesBelow) {
    const auto base = std::make_shared<State>();
    base->set("w", filled(1));
    State layer(base);
    layer.set("own", filled(2));
    const uint64_t epoch = layer.epoch();
    base->set("w", filled(3));
    EXPECT_GT(layer.epoch(), epoch);
    EXPECT_EQ(first(layer, "w"), 3);
}

TEST(StateLayer, SharesPackedCopiesWithTheLayerThatOwnsTheSlot) {
    const auto base = std::make_shared<State>();
    base->set("w", filled(1));
    int made = 0;
    packed(State(base), "w", made);
    packed(State(base), "w", made);
    packed(*base, "w", made);
    EXPECT_EQ(made, 1);
    State layer(base);
    layer.set("w", filled(2));
    EXPECT_EQ(packed(layer, "w", made), 20);
    EXPECT_EQ(packed(*base, "w", made), 10);
    EXPECT_EQ(made, 2);
}

TEST(StateLayer, OwnsACopyBeforeItWrites) {
    const auto base = std::make_shared<State>();
    base->set("w", filled(1));
    State layer(base);
    layer.own("w");
    layer.at("w").as<float>()[0] = 9;
    EXPECT_EQ(first(*base, "w"), 1);
    const std::byte* memory = layer.at("w").data();
    layer.own("w");
    EXPECT_EQ(layer.at("w").data(), memory) << "it is its own already";
}

TEST(StateLayer, ANameMayStandForAnothersContent) {
    const auto base = std::make_shared<State>();
    base->set("w", filled(1));
    base->set("ema/w", filled(2));
    State layer(base);
    layer.share("w", "ema/w");
    EXPECT_EQ(layer.at("w").data(), base->at("ema/w").data());
    int made = 0;
    EXPECT_EQ(packed(layer, "w", made), 20);
    base->at("ema/w").as<float>()[0] = 3;
    base->touched("ema/w");
    EXPECT_EQ(packed(layer, "w", made), 30);
    layer.own("w");
    layer.at("w").as<float>()[0] = 4;
    EXPECT_EQ(first(*base, "ema/w"), 3) << "writing the one is not writing the other";
    EXPECT_THROW(layer.share("w", "ema/none"), Error);
}

// ---- derived contents -------------------------------------------------------------------------------

TEST(StateDerived, IsComputedOnceForAllLayers) {
    const auto base = std::make_shared<State>();
    base->set("a", filled(1));
    base->set("b", filled(2));
    int made = 0, packs = 0;
    for (int i = 0; i < 3; ++i) {
        State layer(base);
        derive_sum(layer, "sum", {"a", "b"}, made);
        EXPECT_EQ(first(layer, "sum"), 3);
        EXPECT_EQ(packed(layer, "sum", packs), 30);
    }
    EXPECT_EQ(made, 1);
    EXPECT_EQ(packs, 1) << "its packed copies are shared as well";
    EXPECT_FALSE(base->contains("sum"));
    State layer(base);
    derive_sum(layer, "sum", {"a", "b"}, made, "another recipe");
    EXPECT_EQ(made, 2);
}

TEST(StateDerived, IsComputedAnewWhenASourceChanges) {
    const auto base = std::make_shared<State>();
    base->set("a", filled(1));
    base->set("b", filled(2));
    State layer(base);
    int made = 0;
    derive_sum(layer, "sum", {"a", "b"}, made);
    for (const char* source : {"a", "b"}) {
        base->at(source).as<float>()[0] += 10;
        base->touched(source);
        derive_sum(layer, "sum", {"a", "b"}, made);
    }
    EXPECT_EQ(first(layer, "sum"), 23);
    base->set("b", filled(5));
    derive_sum(layer, "sum", {"a", "b"}, made);
    EXPECT_EQ(first(layer, "sum"), 16);
    EXPECT_EQ(made, 4);
}

TEST(StateDerived, LayersWithSourcesOfTheirOwnDoNotDisturbEachOther) {
    const auto base = std::make_shared<State>();
    base->set("a", filled(1));
    State x(base), y(base);
    x.set("b", filled(2));
    y.set("b", filled(3));
    int made = 0;
    for (int i = 0; i < 2; ++i) {
        derive_sum(x, "sum", {"a", "b"}, made);
        derive_sum(y, "sum", {"a", "b"}, made);
    }
    EXPECT_EQ(first(x, "sum"), 3);
    EXPECT_EQ(first(y, "sum"), 4);
    EXPECT_EQ(made, 2);
}

TEST(StateDerived, IsNoOnesToWrite) {
    const auto base = std::make_shared<State>();
    base->set("a", filled(1));
    State layer(base), other(base);
    int made = 0;
    derive_sum(layer, "sum", {"a"}, made);
    layer.own("sum");
    layer.at("sum").as<float>()[0] = 100;
    derive_sum(other, "sum", {"a"}, made);
    EXPECT_EQ(first(other, "sum"), 1);
}

TEST(StateDerived, ThreadsComputeItOnce) {
    const auto base = std::make_shared<State>();
    base->set("a", filled(1));
    std::atomic<int> made{0};
    auto work = [&] {
        State layer(base);
        layer.derive({"x"}, "copy", {"a"}, [&] {
            ++made;
            return std::vector<Tensor>{layer.at("a").clone()};
        });
        EXPECT_EQ(first(layer, "x"), 1);
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
}

} // namespace
} // namespace ds
