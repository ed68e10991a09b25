// Symbolic sizes: canonical text, arithmetic that agrees with numbers, and refusals.
#include "tensor/dim.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/rng.h"

namespace ds {
namespace {

const Dim n = Dim::symbol("N"), t = Dim::symbol("T"), h = Dim::symbol("H");

TEST(Dim, TextIsCanonical) {
    EXPECT_EQ(Dim(128).text(), "128");
    EXPECT_EQ(n.text(), "N");
    EXPECT_EQ((n * 2).text(), "2*N");
    EXPECT_EQ((t * n + 1).text(), "N*T+1");
    EXPECT_EQ((Dim(3) - n).text(), "-N+3");
    EXPECT_EQ((n - n).text(), "0");
    EXPECT_EQ((n - t * 2 - 1).text(), "N-2*T-1");
    EXPECT_EQ(((n + 1) * (n - 1)).text(), "N*N-1");
    EXPECT_EQ(floor_div(h + 1, 2).text(), "floor(H+1,2)");
}

TEST(Dim, EqualValuesHaveEqualText) {
    EXPECT_EQ(n * t, t * n);
    EXPECT_EQ((n + t) * 2, n * 2 + t + t);
    EXPECT_EQ(floor_div(h * 2 + 1, 2), h);
    EXPECT_EQ(floor_div(h * 4 + 2, 4), h);
    EXPECT_EQ(floor_div(h * 2 + 2, 4), floor_div(h + 1, 2));
    EXPECT_EQ(floor_div(h * 3 + 7, 2), h + floor_div(h + 1, 2) + 3);
    EXPECT_EQ(floor_div(floor_div(h, 2), 2), floor_div(h, 4));
    EXPECT_EQ(floor_div(floor_div(h - 1, 2) + 1, 2), floor_div(h + 1, 4));
}

TEST(Dim, ParseReadsWhatTextWrites) {
    const Dim halved = floor_div(h + 1, 2);
    for (const Dim& dim :
         {Dim(0), Dim(-7), n, n * t * 3 - 5, Dim(2) - n, halved * halved + n, floor_div(halved * n + t, 3)})
        EXPECT_EQ(Dim::parse(dim.text()), dim) << dim.text();
    EXPECT_EQ(Dim::parse("2*(N+1)"), n * 2 + 2);
    EXPECT_EQ(Dim::parse("floor(5,2)"), Dim(2));
}

TEST(Dim, ParseRefusesTheRest) {
    for (const char* wrong : {"",
                              " N",
                              "N ",
                              "2N",
                              "N+",
                              "*N",
                              "N**2",
                              "(N",
                              "N)",
                              "floor",
                              "floor(N)",
                              "floor(N,0)",
                              "floor(N,-2)",
                              "max(N)",
                              "max(N,T",
                              "min(,N)",
                              "max(N,T,H)",
                              "mean(N,T)",
                              "9223372036854775808",
                              "N/2",
                              "1.5",
                              "N-"})
        EXPECT_THROW(Dim::parse(wrong), Error) << wrong;
    EXPECT_THROW(Dim::parse(std::string(100000, '(')), Error);
    std::string bomb = "1";
    for (int i = 0; i < 40; ++i) bomb += "*(a" + std::to_string(i) + "+1)";
    EXPECT_THROW(Dim::parse(bomb), Error);
}

TEST(Dim, MaximumMinimumAndQuotientAreCanonical) {
    EXPECT_EQ(max(n, t).text(), "max(N,T)");
    EXPECT_EQ(max(t, n), max(n, t));
    EXPECT_EQ(min(n + 2, n), n);
    EXPECT_EQ(max(n + 2, n), n + 2);
    EXPECT_EQ(max(n, n), n);
    EXPECT_EQ(max(Dim(3), Dim(5)), Dim(5));
    EXPECT_EQ(min(Dim(3), Dim(5)), Dim(3));
    EXPECT_EQ(floor_div(n * t, t), n);
    EXPECT_EQ(floor_div(n, t).text(), "floor(N,T)");
    EXPECT_EQ(floor_div(n * 2, Dim(2)), n);
    const Dim nested = max(floor_div(n + 1, t), min(h, n * 2)) * 3 - 1;
    EXPECT_EQ(Dim::parse(nested.text()), nested) << nested.text();
    std::map<std::string, int> symbols;
    nested.collect_symbols(symbols);
    EXPECT_EQ(symbols.size(), 3u);
    EXPECT_EQ(nested.bind({{"N", 9}, {"T", 3}, {"H", 7}}).value(), 3 * 7 - 1);
    EXPECT_EQ(nested.bind({{"N", 9}, {"T", 1}}).bind({{"H", 2}}).value(), 3 * 10 - 1);
    EXPECT_THROW(floor_div(n, t).bind({{"N", 9}, {"T", 0}}), Error);
}

TEST(Dim, SymbolsOfBeforeMayBeNamedLikeFunctions) {
    EXPECT_EQ(Dim::parse("max+1").bind({{"max", 4}}).value(), 5);
    EXPECT_EQ(Dim::parse("min*max").text(), "max*min");
}

TEST(Dim, OverflowIsAnError) {
    const Dim big(int64_t{1} << 62);
    EXPECT_THROW(big * 2, Error);
    EXPECT_THROW(big + big, Error);
    EXPECT_THROW((n * big).bind({{"N", 4}}), Error);
}

TEST(Dim, BindsInsideFloors) {
    const Dim dim = floor_div(h + t, 2) * n + 1;
    EXPECT_EQ(dim.bind({{"H", 7}, {"T", 2}, {"N", 3}}).value(), 13);
    EXPECT_EQ(dim.bind({{"H", 7}}).text(), "3*N+N*floor(T+1,2)+1"); // floor((T+7)/2) = floor((T+1)/2) + 3
    EXPECT_THROW(dim.value(), Error);
    std::map<std::string, int> symbols;
    dim.collect_symbols(symbols);
    EXPECT_EQ(symbols, (std::map<std::string, int>{{"H", 1}, {"N", 1}, {"T", 1}}));
}

TEST(Dim, ExactDivision) {
    EXPECT_EQ(exact_div(n * 6 + 4, 2), n * 3 + 2);
    EXPECT_EQ(exact_div(n * t * 12, t * 4), n * 3);
    EXPECT_EQ(exact_div((n + 1) * (t + h * 2), t + h * 2), n + 1);
    EXPECT_EQ(exact_div(n - t, t - n), Dim(-1));
    EXPECT_EQ(exact_div(Dim(0), n), Dim(0));
    for (const auto& [a, b] : {std::pair{n, Dim(2)}, {n + 1, n}, {Dim(5), n}, {n, Dim(0)}, {n * n + 1, n + 1}})
        EXPECT_THROW(exact_div(a, b), Error) << a.text() << " / " << b.text();
}

/// Random expressions agree with plain integer arithmetic under random bindings.
TEST(Dim, AgreesWithNumbers) {
    rng::Sequence draws(11, rng::Stream::split);
    const std::vector<std::string> names = {"N", "T", "H"};
    for (int round = 0; round < 300; ++round) {
        Binding binding;
        for (const auto& name : names) binding[name] = int64_t(draws.below(50)) + 1;
        Dim dim(int64_t(draws.below(9)) - 4);
        int64_t value = dim.value();
        for (int step = 0; step < 5; ++step) {
            const std::string& name = names[draws.below(3)];
            const int64_t k = int64_t(draws.below(7)) + 1;
            switch (draws.below(7)) {
            case 0:
                dim = dim + Dim::symbol(name) * k;
                value += binding[name] * k;
                break;
            case 1:
                dim = dim - Dim::symbol(name) - k;
                value -= binding[name] + k;
                break;
            case 2:
                dim = dim * Dim::symbol(name);
                value *= binding[name];
                break;
            case 3:
                dim = max(dim, Dim::symbol(name) + k);
                value = std::max(value, binding[name] + k);
                break;
            case 4:
                dim = min(dim, Dim::symbol(name) * k);
                value = std::min(value, binding[name] * k);
                break;
            case 5: {
                const int64_t by = binding[name];
                dim = floor_div(dim, Dim::symbol(name));
                value = value >= 0 ? value / by : -((-value + by - 1) / by);
                break;
            }
            default: dim = floor_div(dim, k); value = value >= 0 ? value / k : -((-value + k - 1) / k);
            }
        }
        EXPECT_EQ(dim.bind(binding).value(), value) << dim.text();
        EXPECT_EQ(Dim::parse(dim.text()), dim) << dim.text();
    }
}

} // namespace
} // namespace ds
