// Padded pieces that are summed become a concatenation, and only when they cover the value exactly.
#include <gtest/gtest.h>

#include "graph/text.h"
#include "pass/pass.h"

namespace ds {
namespace {

std::string joined(const std::string& nodes) {
    const std::string graph = "graph \"g\" {\n  input a: f32[N,2]\n  input b: f32[N,3]\n" + nodes + "}\n";
    return text(eliminate_dead(join_pieces(parse_graph(graph, "test"))));
}

std::string pad(const std::string& out, const std::string& in, int before, int after, const std::string& value = "0") {
    const int width = before + after + (in == "a" ? 2 : 3);
    return "  " + out + " = pad(" + in + ") before=[0," + std::to_string(before) + "] after=[0," +
           std::to_string(after) + "] value=" + value + " : f32[N," + std::to_string(width) + "] \"\"\n";
}

const std::string sum = "  %2 = binary(%0, %1) kind=add : f32[N,5] \"\"\n  output y = %2\n";

TEST(JoinPieces, PiecesThatMeetAreConcatenatedInTheirOrder) {
    EXPECT_NE(joined(pad("%0", "a", 3, 0) + pad("%1", "b", 0, 2) + sum).find("= concat(b, a) axis=1"),
              std::string::npos);
}

TEST(JoinPieces, OverlapsAndOtherPadsStayASum) {
    for (const std::string& nodes :
         {pad("%0", "a", 0, 3) + pad("%1", "b", 0, 2), pad("%0", "a", 2, 1) + pad("%1", "b", 0, 2),
          pad("%0", "a", 3, 0, "1") + pad("%1", "b", 0, 2)}) {
        const std::string after = joined(nodes + sum);
        EXPECT_EQ(after.find("concat"), std::string::npos) << after;
        EXPECT_NE(after.find("kind=add"), std::string::npos) << after;
    }
}

} // namespace
} // namespace ds
