// Digests of what a model file says, whatever way it lies in the file.
//
// The content is everything but seal, signatures and the content's own digest: kind, graph, labels, preprocessing,
// tokenizer, parameters, state, run state, history, further attributes. Its digest is a file's attribute `content`; so
// a copy by another program is seen to be the same or not.
#pragma once

#include <functional>

#include "io/checkpoint/checkpoint.h"

namespace ds {

using TensorDigest = std::function<Digest(const TensorRecord&)>;

/// The digest of the content, SHA-256 of a text with a line for each part: "graph SHA-256", "parameter NAME
/// DTYPE[SHAPE] TREE-DIGEST" ... (ds-tools-format(5)). `tensor` gives the digest of a tensor's bytes; without it, it is
/// computed, or taken from the record when that was loaded without payload.
Digest content_digest(const Checkpoint& checkpoint, const TensorDigest& tensor = {});

/// The digest of what a model computes: graph text, parameters and state (names, types, contents), and not its history.
Digest model_digest(const Checkpoint& checkpoint);

} // namespace ds
