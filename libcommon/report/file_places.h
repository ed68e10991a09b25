// Where a history's files lie while its script runs: by their base names, and those of one name with different contents
// apart, in folders called by their digests.
#pragma once

#include <map>
#include <set>
#include <string>

#include "io/history.h"

namespace ds {

class FilePlaces {
public:
    /// The script's own output keeps its name; others of that name make way.
    void keep(const std::string& name);
    /// Error(data) when `name` is no base name or `digest` no digest.
    void add(const std::string& name, const std::string& digest);
    /// The content `before` of a file becomes `after` in place.
    void join(const std::string& name, const std::string& before, const std::string& after);

    /// "part.h5", or "3f9a0c11d2e4/part.h5"; "./-x" for a name that would be taken for an option.
    std::string of(const std::string& name, const std::string& digest) const;
    std::string last() const { return kept_; }

private:
    std::string final_digest(const std::string& name, std::string digest) const;

    std::string kept_;
    std::map<std::string, std::set<std::string>> digests_;             // of each name
    std::map<std::pair<std::string, std::string>, std::string> after_; // (name, digest) -> digest
};

/// Whether the model file is what this installation ships under its name.
bool is_shipped(const RecordedText& file);
/// What a model file is called when it is written out: with the ending .yaml, by which ds-train knows it.
std::string file_name(const RecordedText& file);

} // namespace ds
