// Weights of classes, held to what scikit-learn 1.9 gives for the same rows:
//     compute_class_weight("balanced", classes=[...], y=y, sample_weight=w)
#include "data/batch/weights.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "fixture.h"

namespace ds {
namespace {

using namespace ds::test;
using ::testing::DoubleEq;
using ::testing::DoubleNear;
using ::testing::ElementsAre;

/// A file of classes and, where there are any, weights of its rows.
DataSource rows_of(const Folder& folder, const std::vector<int32_t>& label, const std::vector<float>& weights = {}) {
    DataFileWriter writer(folder / "d.h5");
    add(writer, {"label", DType::i32, {}, false, "target", {"a", "b", "c"}, {}}, label);
    if (!weights.empty()) add(writer, {"w", DType::f32, {}, false, "weight", {}, {}}, weights);
    writer.set_meta("{}");
    writer.commit();
    return DataSource(folder / "d.h5");
}

std::vector<double> balanced(const DataSource& source, int64_t classes = 3, int64_t ignored = -100,
                             std::vector<int32_t> remap = {}) {
    InputBinding target;
    target.input = "label";
    target.column = source.file().find("label");
    target.remap = std::move(remap);
    return class_weights("balanced", target, source, weight_column(source), classes, {"a", "b", "c"}, ignored);
}

TEST(ClassWeights, BalancedIsRowsOverClassesTimesRowsOfTheClass) {
    const Folder folder;
    EXPECT_THAT(balanced(rows_of(folder, {0, 0, 0, 1, 1, 2})),
                ElementsAre(DoubleEq(6.0 / 9), DoubleEq(1), DoubleEq(2))); // sklearn: 0.66666667, 1, 2
    EXPECT_THAT(balanced(rows_of(folder, {2, 0, 2, 1, 2, 2, 2})),
                ElementsAre(DoubleNear(2.33333333, 1e-8), DoubleNear(2.33333333, 1e-8), DoubleNear(0.46666667, 1e-8)));
}

TEST(ClassWeights, BalancedTakesTheWeightsOfRows) {
    const Folder folder; // sklearn: 0.57142857, 1.33333333, 2
    EXPECT_THAT(balanced(rows_of(folder, {0, 0, 0, 1, 1, 2}, {1, 0.5F, 2, 0, 1.5F, 1})),
                ElementsAre(DoubleNear(0.57142857, 1e-8), DoubleNear(1.33333333, 1e-8), DoubleEq(2)));
}

// As where scikit-learn is given the rows and classes that there are.
TEST(ClassWeights, AClassWithoutRowsTakesNoPartAndNeitherDoesWhatIsNone) {
    const Folder folder;
    EXPECT_THAT(balanced(rows_of(folder, {0, 2, 2, 2})), ElementsAre(DoubleEq(2), DoubleEq(0), DoubleEq(2.0 / 3)));
    EXPECT_THAT(balanced(rows_of(folder, {0, 2, -100, 2, 2})),
                ElementsAre(DoubleEq(2), DoubleEq(0), DoubleEq(2.0 / 3)));
    EXPECT_THROW(balanced(rows_of(folder, {-100, -100})), Error);
}

// The file numbers its classes c, a, b; the model a, b, c.
TEST(ClassWeights, AreThoseOfTheModelsClasses) {
    const Folder folder;
    EXPECT_THAT(balanced(rows_of(folder, {0, 0, 0, 1, 1, 2}), 3, -100, {2, 0, 1}),
                ElementsAre(DoubleEq(1), DoubleEq(2), DoubleEq(6.0 / 9)));
}

} // namespace
} // namespace ds
