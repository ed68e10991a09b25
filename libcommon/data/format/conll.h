// CoNLL: a word a line, with its columns parted by tabs, or by blanks where a file has no tabs; an empty line ends a
// sentence, and so does a line that begins with -DOCSTART-. In files with tabs a line that begins with # and has none
// is a comment. Of CoNLL-U (ten columns) the lines of several words (1-2) and of none (1.1) are passed over.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/seal/source.h"

namespace ds {

/// Which columns are meant, from 1.
struct ConllColumns {
    int64_t word = 0;   // 0: the first one; of CoNLL-U the second
    int64_t tag = 0;    // 0: the last one; of CoNLL-U the fourth; < 0: there are no tags
    bool alone = false; // of a file of one column, that is the word
};

/// A sentence: its words, and their tags.
struct ConllSentence {
    std::vector<std::string> words, tags;
    int64_t line = 0; // where it begins, from 1
    /// The words as a document keeps them: a line each, the last one without an end.
    std::string text() const;
};

/// How many columns the first word of a source has; 0: there is none. CoNLL-U has ten, parted by tabs.
struct ConllWidth {
    size_t columns = 0;
    bool tabs = false;
    bool is_universal() const { return tabs && columns == 10; }
};
ConllWidth conll_width(const Source& source);

/// Calls each(sentence) for those of a source. Error(data) naming the line: too few columns, a zero byte; with
/// `skip_bad`, the sentence is left out. Gives how many were.
int64_t each_sentence(const Source& source, const ConllColumns& columns, bool skip_bad,
                      const std::function<void(const ConllSentence&)>& each);

} // namespace ds
