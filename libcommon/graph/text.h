// The graph's text: prints and parses back to an equal graph. It is what checkpoints store.
//
//   graph "tiny" {
//     input image: f32[N,1,28,28]
//     input label: i32[N] role=target
//     slot conv.weight: f32[8,1,3,3] kind=parameter init=he_normal
//     %0 = conv2d(image, conv.weight) stride=[1,1] pad=[1,1,1,1] dilation=[1,1] groups=1 : f32[N,8,28,28] "conv"
//     output logits = %0
//     write norm.mean = %3
//     gradient conv.weight = %9
//   }
//
// Every attribute is printed; after them, where there are any, `waits_for=[%1,%2]` (control edges) and the tags
// `frozen=true recompute=true stage=2`. An absent operand is `_` where others stand behind it. A name of an input, slot
// or output that is no plain word stands in quotes. Sub-graphs stand in braces. `#` starts a comment.
#pragma once

#include <string>
#include <string_view>

#include "graph/graph.h"

namespace ds {

std::string text(const Graph& graph);
/// Error(data) naming `source`, the line and what is wrong. The result is verified.
Graph parse_graph(std::string_view text, const std::string& source);
/// A node's attributes as printed: "stride=[1,1] groups=1". Equal text means equal attributes.
std::string text(const Attrs& attrs);
/// " frozen=true stage=2"; "" for a node without tags.
std::string text(const Tags& tags);
/// A picture for Graphviz.
std::string dot(const Graph& graph);

} // namespace ds
