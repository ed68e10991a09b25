// A model file and back: what slots of State follow, and along which axes, so that a pass over a loaded run can move
// them.
#include <gtest/gtest.h>

#include "graph/text.h"
#include "io/checkpoint/model.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

using test::error_of;

/// A weight [2,3,4], and sums of it over its middle axis [2,4].
Model with_row_sums(std::vector<int64_t> axes) {
    Model model;
    model.graph =
        parse_graph("graph \"g\" {\n  slot w: f32[2,3,4] kind=parameter init=zeros\n  output y = w\n}\n", "test");
    model.task = "regression";
    model.state->set("w", Tensor(DType::f32, {2, 3, 4}));
    model.state->set("sums.w", Tensor(DType::f32, {2, 4}));
    Slot sums;
    sums.name = "sums.w";
    sums.kind = SlotKind::moment;
    sums.follows = "w";
    sums.axes = std::move(axes);
    model.extra.push_back(sums);
    return model;
}

TEST(ModelFile, SlotsOfStateKeepTheAxesTheyFollow) {
    const test::Folder folder;
    save_model(with_row_sums({0, 2}), folder / "m.h5");
    const Model loaded = load_model(folder / "m.h5");
    ASSERT_EQ(loaded.extra.size(), size_t(1));
    EXPECT_EQ(loaded.extra[0].follows, "w");
    EXPECT_EQ(loaded.extra[0].axes, (std::vector<int64_t>{0, 2}));
    save_model(with_row_sums({}), folder / "n.h5");
    EXPECT_TRUE(load_model(folder / "n.h5").extra[0].axes.empty());
}

TEST(ModelFile, AxesThatCannotBeAreRefused) {
    for (const std::vector<int64_t>& axes : {std::vector<int64_t>{0}, {0, 3}, {0, -1}, {0, 1, 2}}) {
        const test::Folder folder;
        save_model(with_row_sums(axes), folder / "m.h5");
        const std::string message = error_of(Exit::data, [&] { load_model(folder / "m.h5"); });
        EXPECT_NE(message.find("state 'sums.w' has impossible axes"), std::string::npos) << message;
    }
}

} // namespace
} // namespace ds
