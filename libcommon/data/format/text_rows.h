// Texts as they come in files for a model of texts: a file is one, or its lines are, or the sentences of CoNLL.
#pragma once

#include <functional>
#include <string>

#include "io/seal/source.h"

namespace ds {

enum class TextLayout {
    whole,          // a file is a text
    lines,          // a line is
    lines_of_words, // a line is, and its blanks part words that become a line each
    sentences,      // of CoNLL
};

/// Calls each(text, its name) for those of a source: that of the source or, of several in it, with [number] behind
/// it. Error(data) naming the place of what is no text; with `skip_bad` sentences that are none are left out. Gives
/// how many were.
int64_t each_text(Source& source, TextLayout layout, bool skip_bad,
                  const std::function<void(const std::string& text, const std::string& name)>& each);

} // namespace ds
