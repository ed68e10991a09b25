// Where samples lie: apart through what networks are made of, block by block through reshapes, and where they are
// mixed.
#include "graph/batching.h"

#include <gtest/gtest.h>

#include "graph/text.h"
#include "unit/files.h"
#include "unit/random_network.h"

namespace ds {
namespace {

Graph parsed(const std::string& lines) { return parse_graph("graph \"g\" {\n" + lines + "}\n", "test"); }

const Dim n = Dim::symbol("N");

struct Placed {
    SamplePlace place;
    std::string mixed_at;
};

Placed output_of(const Graph& graph, const std::string& name = "y") {
    const std::vector<SamplePlace> places = sample_places(graph, n);
    const ValueId value = graph.find_output(name)->value;
    const NodeId node = where_mixed(graph, places, value);
    return {places[size_t(value)], node < 0 ? "" : graph.nodes[size_t(node)].name};
}

TEST(SamplePlaces, LogitsOfNetworksAreApart) {
    for (const char* name : {"causal_transformer_block", "residual_cnn"}) {
        const std::string file = testing::read_file(testing::data_path(std::string("graphs/") + name + ".graph"));
        const Graph graph = parse_graph(file, name);
        const Placed logits = output_of(graph, "logits");
        EXPECT_EQ(logits.place.kind, SamplePlace::apart) << name << ", mixed at " << logits.mixed_at;
        EXPECT_EQ(logits.place.axis, 0) << name;
    }
    for (unsigned seed = 0; seed < 40; ++seed) {
        const Graph graph = testing::random_network(seed);
        const Placed y = output_of(graph, "y"), loss = output_of(graph, "loss");
        EXPECT_EQ(y.place.kind, SamplePlace::apart) << seed << ", mixed at " << y.mixed_at;
        EXPECT_EQ(loss.place.kind, SamplePlace::total) << seed;
    }
}

TEST(SamplePlaces, GoThroughReshapesInBlocks) {
    const Graph graph = parsed(R"(input x: f32[N,T,6]
%0 = reshape(x) shape=[N*T,6] : f32[N*T,6] "rows"
%1 = unary(%0) kind=relu alpha=1 beta=0 : f32[N*T,6] "act"
%2 = reshape(%1) shape=[N,T,2,3] : f32[N,T,2,3] "heads"
%3 = transpose(%2) perm=[2,0,1,3] : f32[2,N,T,3] "by head"
output rows = %1
output y = %3
)");
    const Placed rows = output_of(graph, "rows"), y = output_of(graph);
    EXPECT_EQ(rows.place.kind, SamplePlace::apart);
    EXPECT_EQ(rows.place.block.text(), "T");
    EXPECT_EQ(y.place.kind, SamplePlace::apart);
    EXPECT_EQ(y.place.axis, 1);
    EXPECT_EQ(y.place.block, Dim(1));
}

TEST(SamplePlaces, NameTheNodeThatMixes) {
    const Graph similar = parsed(R"(input x: f32[N,6]
%0 = unary(x) kind=relu alpha=1 beta=0 : f32[N,6] "act"
%1 = matmul(%0, %0) ta=false tb=true : f32[N,N] "similarity"
%2 = softmax(%1) axis=1 : f32[N,N] "shares"
output y = %2
)");
    EXPECT_EQ(output_of(similar).place.kind, SamplePlace::mixed);
    EXPECT_EQ(output_of(similar).mixed_at, "similarity");
    const Graph normal = parsed(R"(input x: f32[N,6]
%0 = softmax(x) axis=0 : f32[N,6] "over the batch"
output y = %0
)");
    EXPECT_EQ(output_of(normal).mixed_at, "over the batch");
    const Graph folded = parsed(R"(input x: f32[N,6]
%0 = transpose(x) perm=[1,0] : f32[6,N] "across"
%1 = reshape(%0) shape=[N,6] : f32[N,6] "shuffled"
output y = %1
)");
    EXPECT_EQ(output_of(folded).mixed_at, "shuffled");
}

TEST(SamplePlaces, SumsOverSamplesAreTotals) {
    const Graph graph = parsed(R"(input x: f32[N,6]
slot w: f32[6] kind=parameter init=ones
%0 = binary(x, w) kind=mul : f32[N,6] "product"
%1 = reduce(%0) kind=sum axes=[0] keep=false : f32[6] "sum"
%2 = constant() dtype=f32 shape=[N] values=[1] : f32[N] "ones"
%3 = reduce(%2) kind=sum axes=[0] keep=false : f32[] "count"
%4 = unary(w) kind=relu alpha=1 beta=0 : f32[6] "weights"
output y = %1
output count = %3
output w = %4
)");
    EXPECT_EQ(output_of(graph).place.kind, SamplePlace::total);
    EXPECT_EQ(output_of(graph, "count").place.kind, SamplePlace::total);
    EXPECT_EQ(output_of(graph, "w").place.kind, SamplePlace::shared);
}

} // namespace
} // namespace ds
