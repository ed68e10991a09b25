// Who vouches for a model file: Ed25519 signatures over its content (io/checkpoint/content.h), stored in the file as
// /signatures, one JSON text each. A signature stays good when the same content is written anew (by h5py and
// ds-info --seal, say); every tool that changes the content leaves it out.
#pragma once

#include <string>
#include <vector>

#include "base/ed25519.h"
#include "io/checkpoint/checkpoint.h"

namespace ds {

struct Signed {
    PublicKey key{};
    bool holds = false; // for this content
};

/// Adds the key's signature, in place of an earlier one of it.
void sign(Checkpoint& checkpoint, const SigningKey& key);

/// The signatures in a file and whether they hold; the checkpoint may be without payload. Error(data) for a text that
/// is no signature.
std::vector<Signed> signatures_of(const Checkpoint& checkpoint);

} // namespace ds
