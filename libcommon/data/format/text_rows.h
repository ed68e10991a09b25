// Texts as they come in files for a model of texts: a file is one, or its lines are, or the sentences of CoNLL.
#pragma once

#include <cstdint>
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

/// How texts stand in a source.
struct TextForm {
    TextLayout layout = TextLayout::whole;
    int64_t word_column = -1; // of sentences: where the words are (ConllColumns::word), but in a file of one column;
                              // < 0: nobody said, and it is told which is taken of several
    bool skip_bad = false;    // leave out sentences that are none
};

/// Calls each(text, its name) for those of a source: that of the source or, of several in it, with [number] behind
/// it. Error(data) naming the place of what is no text; Gives how many sentences were left out.
int64_t each_text(Source& source, const TextForm& form,
                  const std::function<void(const std::string& text, const std::string& name)>& each);

} // namespace ds
