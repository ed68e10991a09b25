// Tags of words, and the spans that they make: B-NAME begins one, I-NAME goes on with it, O is outside of all. As
// conlleval of the CoNLL shared tasks reads them: an I of another name, or behind an O, begins one as well; E-NAME ends
// one, and S-NAME is one by itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ds {

struct SpanTag {
    char part = 'O';       // B, I, E, S, O
    std::string_view name; // "" for O
};
SpanTag span_tag(std::string_view tag);

/// Whether tags of these names make spans: each is O, or one of B, I, E, S (with a name behind a dash, or alone), and
/// not all are O.
bool make_spans(const std::vector<std::string>& names);

/// Words [begin, end) of a sentence.
struct WordSpan {
    int64_t begin = 0, end = 0;
    std::string_view name;
    bool operator==(const WordSpan&) const = default;
};
/// Of a sentence's tags, in order.
std::vector<WordSpan> spans_of(std::span<const SpanTag> tags);

} // namespace ds
