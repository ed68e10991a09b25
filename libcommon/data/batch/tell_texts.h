// What is told of texts before a model reads them: how many it does not read to their ends, and of how many it knows no
// word.
#pragma once

#include "data/batch/binding.h"

namespace ds {

struct TextCounts {
    int64_t texts = 0, cut = 0, unread = 0, wordless = 0;
    /// `room`: words that the model reads of a text.
    void add(const Vocabulary::Numbered& text, int64_t room);
    /// `where`: the source, and the column.
    void tell(const std::string& where, int64_t room) const;
};

/// Of all rows of a source: `binding` has a vocabulary.
void tell_of_texts(const InputBinding& binding, const DataSource& source);

} // namespace ds
