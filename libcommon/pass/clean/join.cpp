// The gradient of slices that together cover a value is a sum of padded pieces. Where the pieces neither overlap nor
// leave a gap, the sum is their concatenation: one pass over memory instead of one for each piece and the sum.
#include <algorithm>
#include <optional>

#include "ops/elementwise.h"
#include "ops/shape_ops.h"
#include "pass/pass.h"
#include "pass/rewrite.h"

namespace ds {
namespace {

struct Piece {
    int64_t start = 0, length = 0;
    ValueId value = no_value; // of the source graph
};

/// A value that is zero but for pieces along one axis, sorted by start.
struct Pieces {
    int64_t axis = 0;
    Tags tags; // of all nodes that it is made of
    std::vector<Piece> list;
};

/// The piece that a pad with zeros along one axis of known size places.
std::optional<Pieces> padded_piece(const Graph& graph, const Node& node) {
    if (!node.after.empty()) return std::nullopt;
    const auto& pad = node.as<PadAttrs>();
    const Shape& in = graph.type(node.in[0]).shape;
    std::optional<Pieces> found;
    for (size_t i = 0; i < in.size(); ++i) {
        if (pad.before[i] == Dim(0) && pad.after[i] == Dim(0)) continue;
        if (found || pad.value != 0 || !pad.before[i].known() || !in[i].known()) return std::nullopt;
        found = Pieces{int64_t(i), node.tags, {{pad.before[i].value(), in[i].value(), node.in[0]}}};
    }
    return found;
}

/// The pieces of a sum, if none overlap.
std::optional<Pieces> merged(const Pieces& a, const Pieces& b) {
    if (a.axis != b.axis || a.tags != b.tags) return std::nullopt;
    Pieces both = a;
    both.list.insert(both.list.end(), b.list.begin(), b.list.end());
    std::sort(both.list.begin(), both.list.end(), [](const Piece& x, const Piece& y) { return x.start < y.start; });
    for (size_t i = 1; i < both.list.size(); ++i)
        if (both.list[i - 1].start + both.list[i - 1].length > both.list[i].start) return std::nullopt;
    return both;
}

bool covers(const Pieces& pieces, const Dim& size) {
    int64_t end = 0;
    for (const Piece& p : pieces.list) {
        if (p.start != end) return false;
        end += p.length;
    }
    return size == Dim(end);
}

} // namespace

Graph join_pieces(Graph graph) {
    Rewriter rewriter(graph);
    std::vector<std::optional<Pieces>> known(graph.values.size());
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
        const Node& node = graph.nodes[n];
        const bool is_sum =
            node.op->name == "binary" && node.as<BinaryAttrs>().kind == BinaryKind::add && node.after.empty();
        std::optional<Pieces> pieces;
        if (node.op->name == "pad") pieces = padded_piece(graph, node);
        else if (is_sum && known[size_t(node.in[0])] && known[size_t(node.in[1])])
            pieces = merged(*known[size_t(node.in[0])], *known[size_t(node.in[1])]);
        if (is_sum && pieces && pieces->tags != node.tags) pieces.reset();
        if (is_sum && pieces && covers(*pieces, graph.type(node.out[0]).shape[size_t(pieces->axis)])) {
            AxisAttrs attrs;
            attrs.axis = pieces->axis;
            std::vector<ValueId> values;
            for (const Piece& p : pieces->list) values.push_back(rewriter.at(p.value));
            rewriter.replace(NodeId(n));
            rewriter.map(node.out[0], rewriter.builder.emit1("concat", attrs_of(attrs), values));
            continue;
        }
        if (!node.out.empty()) known[size_t(node.out[0])] = std::move(pieces);
        rewriter.copy(NodeId(n));
    }
    return rewriter.finish();
}

} // namespace ds
