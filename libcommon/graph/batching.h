// Where the samples of a batch lie in each value of a graph, by the axes rules of the ops. Whoever runs samples in
// batches of any size needs that they stay apart on the way to what is asked for.
#pragma once

#include "graph/graph.h"

namespace ds {

struct SamplePlace {
    enum Kind {
        shared, // no sample has a part in it
        apart,  // slice n of `axis`, `block` long, is of sample n alone
        total,  // a sum over samples
        mixed   // something else
    };
    Kind kind = shared;
    int64_t axis = -1;
    Dim block = 1;
};

/// By value. `batch` is the number of samples: the first size of the inputs that hold them.
std::vector<SamplePlace> sample_places(const Graph& graph, const Dim& batch);

/// The node at which the samples of a mixed value were mixed first, or -1.
NodeId where_mixed(const Graph& graph, const std::vector<SamplePlace>& places, ValueId value);

} // namespace ds
