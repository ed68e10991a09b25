#include "data/format/conll.h"

#include <algorithm>

#include "base/error.h"
#include "data/text/lines.h"
#include "data/text/words.h"

namespace ds {
namespace {

constexpr std::string_view document_start = "-DOCSTART-";

std::vector<std::string_view> fields_of(std::string_view line, bool tabs) {
    std::vector<std::string_view> fields;
    for (size_t at = 0; at <= line.size();) {
        const size_t end = std::min(line.find_first_of(tabs ? "\t" : " \t", at), line.size());
        if (tabs || end > at) fields.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    return fields;
}

/// "3-4" or "3.1": no word of its own.
bool is_no_word(std::string_view id) {
    const size_t border = id.find_first_of("-.");
    return border != id.npos && border > 0 && id.find_first_not_of("0123456789-.") == id.npos;
}

class Reader {
public:
    Reader(const Source& source, const ConllColumns& columns, bool skip_bad,
           const std::function<void(const ConllSentence&)>& each)
        : source_(source), columns_(columns), skip_bad_(skip_bad), each_(each) {}

    int64_t run() {
        each_line(source_, [&](std::string_view line, int64_t number) { take(line, number); });
        end_sentence();
        return left_out_;
    }

private:
    void take(std::string_view line, int64_t number) {
        if (line.find_first_not_of(" \t") == line.npos || line.starts_with(document_start)) return end_sentence();
        if (tabs_ && line.starts_with('#') && line.find('\t') == line.npos) return;
        const std::vector<std::string_view> fields = fields_of(line, tabs_);
        const bool universal = tabs_ && fields.size() == 10;
        if (universal && is_no_word(fields[0])) return;
        if (sentence_.line == 0) sentence_.line = number;
        const size_t word = columns_.word > 0 && !is_alone_ ? size_t(columns_.word) - 1 : universal ? 1 : 0;
        const size_t last = std::max<size_t>(fields.size(), 2) - 1; // a word alone lacks its tag
        const size_t tag = columns_.tag < 0 ? word : columns_.tag > 0 ? size_t(columns_.tag) - 1 : universal ? 3 : last;
        const std::string why = complaint(line, fields, word, tag);
        if (!why.empty() && !skip_bad_) fail(Exit::data, "{}: line {}: {}", source_.name(), number, why);
        is_bad_ = is_bad_ || !why.empty();
        if (is_bad_) return;
        size_ += fields[word].size() + 1;
        sentence_.words.emplace_back(fields[word]);
        if (columns_.tag >= 0) sentence_.tags.emplace_back(fields[tag]);
    }
    /// What is wrong with a line, or "".
    std::string complaint(std::string_view line, const std::vector<std::string_view>& fields, size_t word,
                          size_t tag) const {
        if (line.find('\0') != line.npos) return "a zero byte; this is no text";
        if (columns_.alone && fields.size() <= word)
            return fmt::format("{} columns, and the model's words are in column {}, as in what it was trained on",
                               fields.size(), word + 1);
        if (fields.size() <= std::max(word, tag))
            return fmt::format("{} columns, and {} are needed; --column says where word and tag are", fields.size(),
                               std::max(word, tag) + 1);
        if (fields[word].empty()) return "the word is empty";
        if (fields[tag].empty()) return "the tag is empty";
        if (size_ > largest_text) return "a sentence of more than 16 MiB; an empty line ends one";
        return "";
    }
    void end_sentence() {
        if (is_bad_) ++left_out_;
        else if (!sentence_.words.empty()) each_(sentence_);
        sentence_ = {};
        is_bad_ = false;
        size_ = 0;
    }

    const Source& source_;
    ConllColumns columns_;
    const ConllWidth width_ = conll_width(source_);
    bool skip_bad_;
    const std::function<void(const ConllSentence&)>& each_;
    const bool tabs_ = width_.tabs, is_alone_ = columns_.alone && width_.columns == 1;
    bool is_bad_ = false;
    size_t size_ = 0; // bytes of the words so far
    ConllSentence sentence_;
    int64_t left_out_ = 0;
};

} // namespace

/// The first line that is neither empty nor a comment says it.
ConllWidth conll_width(const Source& source) {
    const std::string head = source.head(size_t{1} << 20);
    for (size_t at = head.starts_with(byte_order_mark) ? byte_order_mark.size() : 0; at < head.size();) {
        const size_t end = std::min(head.find('\n', at), head.size());
        std::string_view line = std::string_view(head).substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const bool tabs = line.find('\t') != line.npos, says_nothing = line.find_first_not_of(' ') == line.npos ||
                                                                       line.starts_with('#') ||
                                                                       line.starts_with(document_start);
        if (tabs || !says_nothing) return {fields_of(line, tabs).size(), tabs};
        at = end + 1;
    }
    return {};
}

std::string ConllSentence::text() const {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : "\n") + word;
    return all;
}

int64_t each_sentence(const Source& source, const ConllColumns& columns, bool skip_bad,
                      const std::function<void(const ConllSentence&)>& each) {
    return Reader(source, columns, skip_bad, each).run();
}

} // namespace ds
