// Which rows a condition keeps.
#include "data/edit/filter.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "fixture.h"

namespace ds {
namespace {

using namespace ds::test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Filter : public ::testing::Test {
protected:
    Filter() {
        DataFileWriter writer(folder_ / "d.h5");
        add(writer, {"narrow", DType::f32, {}, false, "number", {}, {}},
            std::vector<float>{0.3F, 0.7F, std::nanf(""), 0.1F});
        add(writer, {"wide", DType::f64, {}, false, "number", {}, {}}, std::vector<double>{0.1, 0.3, 0.7, 1e300});
        add(writer, {"whole", DType::i64, {}, false, "number", {}, {}},
            std::vector<int64_t>{(int64_t{1} << 62) + 1, int64_t{1} << 62, -5, 0});
        add(writer, {"day", DType::f32, {}, false, "number", {}, {{"parse", "date"}}},
            std::vector<float>{float(19782 + 0.1), 19782, 19783, 0});
        writer.set_meta("{}");
        writer.commit();
    }
    std::vector<int64_t> kept(const std::string& where) {
        const DataFileReader file(folder_ / "d.h5");
        std::vector<int64_t> all(size_t(file.rows()));
        std::iota(all.begin(), all.end(), int64_t{0});
        return rows_where(file, parse_condition(where), all);
    }
    Folder folder_;
};

// 0.3 is no number of 32 bits, nor of 64: it means what a column of either makes of it.
TEST_F(Filter, NumbersAreComparedAsTheColumnHoldsThem) {
    EXPECT_THAT(kept("narrow == 0.3"), ElementsAre(0));
    EXPECT_THAT(kept("narrow <= 0.3"), ElementsAre(0, 3));
    EXPECT_THAT(kept("narrow > 0.3"), ElementsAre(1));
    EXPECT_THAT(kept("0.7 != narrow"), ElementsAre(0, 3));
    EXPECT_THAT(kept("narrow < 1e300 and narrow > -1e300"), ElementsAre(0, 1, 3));
    EXPECT_THAT(kept("wide == 0.1 or 0.7 == wide or wide == 1e300"), ElementsAre(0, 2, 3));
    EXPECT_THAT(kept("wide < 0.3"), ElementsAre(0));
    EXPECT_THAT(kept("day == '2024-02-29 02:24'"), ElementsAre(0));
}

TEST_F(Filter, IntegersAreExact) {
    EXPECT_THAT(kept("whole > 4611686018427387904"), ElementsAre(0));
    EXPECT_THAT(kept("whole == 4611686018427387904"), ElementsAre(1));
    EXPECT_THAT(kept("whole < -4.5"), ElementsAre(2));
    EXPECT_THAT(kept("whole == 0.5"), IsEmpty());
}

} // namespace
} // namespace ds
