// A model file (or any bundle of named tensors and texts) as plain values, independent of Graph:
//
//     /graph                       text
//     /labels                      list of strings
//     /preprocessing /tokenizer    JSON text
//     /parameters/conv1/weight     one dataset per parameter, under its own name
//     /state/...                   moments, running statistics, EMA: one dataset each
//     /run_state                   JSON text: step, cursor, options, seed
//     /history/0000 ...            JSON texts, one a tool
//     /signatures                  list of JSON texts (io/checkpoint/signature.h)
//
// Root attributes `format` ("ds-tools model"), `format_version` ("1.1") and `content` (io/checkpoint/content.h). bf16
// is stored as uint16 with the attribute dtype="bf16", booleans as uint8 with dtype="bool". Empty texts and lists are
// left out. Files are sealed (io/seal.h) and written atomically; equal contents give equal bytes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "io/seal/source.h"
#include "tensor/tensor.h"

namespace ds {

/// Slashes of a name become groups of the file. Dots do too (the attribute `name` then keeps the spelling).
struct TensorRecord {
    std::string name;
    Tensor tensor;                                 // empty when loaded without payload
    std::map<std::string, std::string> attributes; // readable text
    // Set by load_checkpoint; save_checkpoint takes them from the tensor.
    DType dtype = DType::f32;
    Dims shape;
    Digest digest{}; // tree digest of the bytes
};

struct Checkpoint {
    std::string kind = "model"; // root attribute format = "ds-tools " + kind
    int version_major = 1, version_minor = 1;
    std::string graph_text;
    std::vector<std::string> labels;
    std::string preprocessing_json, tokenizer_json;
    std::vector<TensorRecord> parameters, state; // in the file's order after a load: by name
    std::string run_state_json;
    std::vector<std::string> history;              // each one JSON text, oldest first
    std::map<std::string, std::string> attributes; // further root attributes, readable text
    std::vector<std::string> signatures;           // see io/checkpoint/signature.h
    std::string content;                           // set by load_checkpoint: the content's digest as the file states it
    bool sealed = false;                           // likewise
    Digest file_digest{};                          // likewise: cheap, from the seal
    int64_t file_bytes = 0;                        // likewise; of a stream, too

    const TensorRecord* parameter(const std::string& name) const; // nullptr when absent
};

enum class Verify {
    metadata,  // everything but the payloads: milliseconds, whatever the size
    everything // payloads too
};

struct LoadOptions {
    bool payload = true; // false: names, types and digests only; payloads that are loaded are always verified
    Verify verify = Verify::everything;
    bool allow_unsealed = false; // for ds-info --seal: a file of h5py, opened in a limited child process
    bool believe_seal = true;    // false: of a file that was changed in its place; with allow_unsealed
};

/// Reads a checkpoint from a file, FIFO or "-" (stdin). Errors: 66 missing, 77 not readable, 65 damaged (naming
/// the part: header, metadata or the tensor), not sealed, hostile, of another kind or of a newer version.
Checkpoint load_checkpoint(const std::string& path, const LoadOptions& options = {}, const std::string& kind = "model");

/// Writes it atomically; "-" is stdout, refused with Error(usage) when that is a terminal. Errors: 73, 74, 77;
/// 65 when two names collide ("a" and "a/b"). Returns the digest of the file written.
Digest save_checkpoint(const Checkpoint& checkpoint, const std::string& path);

/// The digest of any input file as the history records it: a sealed file's from its seal (metadata is not
/// verified), any other's from all of its bytes. Not for "-".
Digest input_digest(const std::string& path);
Digest input_digest(const Source& source);

} // namespace ds
