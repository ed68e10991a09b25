// The shell script that makes a model again from raw inputs, as its history tells it.
//
// A history is somebody else's text. Only tools of this project are run; every word is quoted (base/escape.h); files
// are called by their base names, in the folder where the script runs. Files of one name and different contents are
// kept apart in folders that are called by the first twelve digits of their digests: 3f9a0c11d2e4/part.h5.
#pragma once

#include <string>
#include <vector>

namespace ds {

/// A file that no tool of this project made: it must lie there before the script runs.
struct RawInput {
    std::string place;  // relative to where the script runs
    std::string digest; // hex, see input_digest
};

class HistoryScript {
public:
    /// `history` as a checkpoint holds it, `name`: what the script is to call the model. Error(data) when a record is
    /// by a tool that is none of ours or by nobody knows what, or names a file with folders.
    HistoryScript(const std::vector<std::string>& history, const std::string& name);
    const std::vector<RawInput>& raw_inputs() const { return raw_; }
    const std::string& text() const { return text_; }

private:
    std::vector<RawInput> raw_;
    std::string text_;
};

enum class RawState { same, other, missing };
/// What lies at the place of a raw input, seen from the current folder.
RawState state_of(const RawInput& input);

} // namespace ds
