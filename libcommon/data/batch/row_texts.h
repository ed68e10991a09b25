// The texts that a model's words are of, row by row.
#pragma once

#include <string>
#include <vector>

#include "data/batch/binding.h"
#include "data/text/documents.h"

namespace ds {

/// The input that takes the words of a text; null where none does.
const InputBinding* find_texts(const std::vector<InputBinding>& bindings);

class RowTexts {
public:
    /// `binding` has a vocabulary; the source must live as long.
    RowTexts(const DataSource& source, const InputBinding& binding)
        : source_(source), documents_(source.file(), binding.column) {}
    /// That of a row of the source, until the next call. Error(data) for one that is too large.
    const std::string& at(int64_t row);

private:
    const DataSource& source_;
    Documents documents_;
    std::string text_;
};

} // namespace ds
