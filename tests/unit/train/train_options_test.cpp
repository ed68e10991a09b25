// What a checkpoint keeps of a run's options: names, not numbers; and nothing impossible comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "train/train_options.h"

namespace ds {
namespace {

TrainOptions changed() {
    TrainOptions options;
    options.optimizer.kind = OptimizerKind::adamw;
    options.schedule.kind = ScheduleKind::warmup_stable_decay;
    options.seed = ~uint64_t{0};
    options.batch = 7;
    options.augmentation.crop = 4;
    options.freeze = {{"stem", 0}, {"stage1", 3}};
    options.lr_scale = {{"classifier", 10}};
    options.sizes = {{"H", 28}};
    return options;
}

TEST(TrainOptions, ComeBackAsTheyWere) {
    const Json json = changed().to_json();
    EXPECT_EQ(json.get<std::string>("optimizer"), "adamw");
    EXPECT_EQ(json.get<std::string>("schedule"), "warmup-stable-decay");
    const TrainOptions back = TrainOptions::from_json(json);
    EXPECT_EQ(back.optimizer.kind, OptimizerKind::adamw);
    EXPECT_EQ(back.schedule.kind, ScheduleKind::warmup_stable_decay);
    EXPECT_EQ(back.seed, ~uint64_t{0});
    EXPECT_EQ(back.to_json(), json);
    EXPECT_EQ(back.freeze[1].epochs, 3);
    EXPECT_EQ(back.lr_scale[0].factor, 10);
    EXPECT_EQ(back.sizes.at("H"), 28);
}

TEST(TrainOptions, WhatCannotBeIsRefused) {
    const std::pair<const char*, Json> wrong[] = {{"optimizer", "adam2"}, {"schedule", 3}, {"seed", "-1"},
                                                  {"seed", "1x"},         {"batch", 0},    {"accumulate", 0},
                                                  {"epochs", 0},          {"steps", -1},   {"tokens", -1}};
    for (const auto& [name, value] : wrong) {
        Json json = changed().to_json();
        json.set(name, value);
        try {
            TrainOptions::from_json(json);
            ADD_FAILURE() << name << " was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Exit::data) << name;
        }
    }
}

} // namespace
} // namespace ds
