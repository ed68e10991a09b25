// The shipped models: their sizes, and how they begin.
#include <gtest/gtest.h>

#include <cmath>

#include "model/model_file.h"
#include "state/state.h"
#include "unit/files.h"

namespace ds {
namespace {

struct Shipped {
    const char* model;
    std::map<std::string, std::string> set;
    DataFacts data;
    int64_t parameters;            // their elements
    std::vector<std::string> some; // of their names
};

const DataColumn label{"label", "target", {}, 10, true};

const Shipped shipped[] = {
    {"mlp",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}, label},
     269'322,
     {"hidden0.weight", "hidden1.bias", "classifier.weight"}},
    {"fashion-cnn",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}, label},
     467'818,
     {"conv1.weight", "conv4.bias", "hidden.weight", "classifier.bias"}},
    {"resnet18",
     {{"classes", "1000"}},
     {{"image", "image", {3, 224, 224}, 0, false}, label},
     11'689'512,
     {"stem.conv.weight", "stem.norm.scale", "stage1.block0.conv1.weight", "stage4.block0.shortcut.conv.weight",
      "stage4.block1.norm2.bias", "classifier.weight"}},
    {"resnet18",
     {{"stem", "cifar"}},
     {{"image", "image", {3, 32, 32}, 0, false}, label},
     11'173'962,
     {"stem.conv.weight"}},
    {"gpt-tiny",
     {},
     {},
     10'942'464,
     {"token.weight", "position.weight", "block0.norm1.scale", "block5.attention.qkv.weight",
      "block5.attention.projection.bias", "block3.expand.weight", "block3.contract.bias", "norm.bias", "head.weight"}},
    {"unet",
     {},
     {{"image", "image", {3, 50, 61}, 0, false}, {"mask", "mask", {50, 61}, 3, true}},
     488'035,
     {"down0.conv1.weight", "down2.norm2.scale", "bottom.conv1.weight", "up2.conv1.weight", "up0.conv2.weight",
      "classifier.bias"}},
    {"autoencoder",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}},
     479'297,
     {"down0.conv.weight", "down1.norm.scale", "code.weight", "spread.bias", "up0.conv.weight", "output.bias"}},
    {"autoencoder",
     {},
     {{"image", "image", {3, 50, 61}, 0, false}}, // of sides that are not halved evenly
     1'027'971,
     {"down2.conv.weight", "up2.norm.scale", "output.weight"}},
    {"autoencoder", {}, {{"image", "image", {1, 3, 2}, 0, false}}, 14'113, {"down0.conv.weight"}},
    {"table-autoencoder",
     {},
     {{"size", "number", {}, 0, false}, {"age", "number", {}, 0, false, false, 3}, {"price", "target", {}, 0, true}},
     1'031,
     {"wide.weight", "code.weight", "output.bias"}},
    {"embedder",
     {},
     {{"image", "image", {1, 28, 28}, 0, false}, label},
     474'784,
     {"conv1.weight", "conv4.bias", "hidden.weight", "embedding.bias"}},
    {"two-input",
     {},
     {{"user", "category", {}, 100, false},
      {"item", "category", {}, 50, false},
      {"price", "number", {}, 0, false},
      {"age", "number", {}, 0, false},
      {"click", "target", {}, 0, true}},
     9'889,
     {"user_embedding.weight", "item_embedding.weight", "hidden1.weight", "hidden2.bias", "score.weight"}},
    {"tabular",
     {},
     {{"city", "category", {}, 2, false},
      {"price", "number", {}, 0, false, false, 3}, // three missing: a mark beside it
      {"age", "number", {}, 0, false},
      {"kind", "target", {}, 3, true}},
     33'825,
     {"city.embedding.weight", "input.weight", "block1.contract.bias", "output.weight", "direct.weight"}},
};

TEST(ShippedModels, HaveTheParametersThatTheirPapersSay) {
    for (const Shipped& s : shipped) {
        ModelRequest request;
        request.model = testing::shipped_model(s.model);
        request.set = s.set;
        request.data = s.data;
        const Graph graph = build_model(request).graph;
        EXPECT_EQ(graph.name, s.model);
        int64_t elements = 0;
        for (const Slot& slot : graph.slots)
            if (slot.kind == SlotKind::parameter) elements += count(dims(graph.type(slot.value).shape));
        EXPECT_EQ(elements, s.parameters) << s.model;
        for (const std::string& name : s.some) EXPECT_TRUE(graph.find_slot(name)) << s.model << ": " << name;
    }
}

/// The standard deviation of a slot's elements.
double deviation(const State& state, const std::string& slot) {
    const Tensor& weight = state.at(slot);
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < weight.size(); ++i) {
        sum += weight.as<float>()[i];
        squares += double(weight.as<float>()[i]) * weight.as<float>()[i];
    }
    const double mean = sum / double(weight.size());
    return std::sqrt(squares / double(weight.size()) - mean * mean);
}

TEST(ShippedModels, ResidualBranchesOfGptStartSmallerTheDeeperItIs) { // Radford et al. 2019
    for (const int depth : {1, 4, 12}) {
        ModelRequest request;
        request.model = testing::shipped_model("gpt-tiny");
        request.set = {{"width", "128"}, {"depth", std::to_string(depth)}};
        const Graph graph = build_model(request).graph;
        State state;
        initialise(graph, state, 1);
        const std::string last = "block" + std::to_string(depth - 1);
        const double wanted = 0.02 / std::sqrt(2.0 * depth);
        for (const char* name : {".attention.projection.weight", ".contract.weight"})
            EXPECT_NEAR(deviation(state, last + name), wanted, 0.03 * wanted) << depth << name;
        for (const char* name : {".attention.qkv.weight", ".expand.weight"})
            EXPECT_NEAR(deviation(state, last + name), 0.02, 0.03 * 0.02) << depth << name;
    }
}

} // namespace
} // namespace ds
