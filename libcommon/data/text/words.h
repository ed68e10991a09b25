// How texts become words, and words the numbers that models take. A model carries the words that it knows, so a text
// is divided and numbered in one way wherever it comes from.
//
// The rule `words`: a word is a longest run of letters, digits and '_', in lower case; an apostrophe between two of
// them belongs to it. Ideographs, kana and emoji are words of their own. Everything else parts words. Text is UTF-8; a
// byte that is none is read as Latin-1. Lower case is Unicode's (characters.h).
//
// The rule `lines`: each line is one word, in lower case, whatever stands in it: somebody else has told the words
// apart.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ds {

/// How a column's texts are divided, by the names that files have for it.
enum class TokenRule : uint8_t { words, lines };
constexpr std::array<std::string_view, 2> token_rule_names{"words", "lines"};
/// Error(data) for a name that this version does not know; `where` has it.
TokenRule parse_token_rule(std::string_view name, const std::string& where);

/// What a model may be told of a word besides which it is: the input NAME/shape or NAME/suffix beside NAME. 0 is behind
/// the end of the text. shape, 1 to 9: small letters, a capital and small letters, capitals, other letters, digits,
/// digits and letters, digits and signs, signs, letters and signs. suffix, 1 to 4095: of the last three characters, in
/// lower case.
enum class TokenFeature : uint8_t { word, shape, suffix };
constexpr std::array<std::string_view, 3> token_feature_names{"word", "shape", "suffix"};

/// Calls each(word) for the words of a text, in order.
void each_word(std::string_view text, TokenRule rule, const std::function<void(std::string_view)>& each);

/// The same as they stand in the text; the rule `words` keeps no capitals.
std::vector<std::string> words_as_written(std::string_view text, TokenRule rule);

/// Longer ones are no words that a vocabulary has: they are data that stand in a text.
constexpr size_t longest_word = 100; // bytes
constexpr size_t largest_text = size_t{16} << 20;

/// What some texts have: the words that two places have at least, the most frequent first (of equals by their bytes).
struct WordList {
    std::vector<std::string> words;
    std::vector<int64_t> counts{};   // of each
    int64_t longest = 0;             // words of the longest text
    std::vector<std::string> once{}; // words of one place, by their bytes, as many as there is room for: other texts
                                     // may have them, too

    bool operator==(const WordList&) const = default;
};

/// Counts the words of texts.
class WordCounter {
public:
    explicit WordCounter(TokenRule rule = TokenRule::words) : rule_(rule) {}
    void add(std::string_view text);
    /// What was counted elsewhere, in addition.
    void add(const WordList& other);
    WordList list(size_t most) const;

private:
    void add_once(WordList& list, size_t room) const;
    TokenRule rule_;
    std::unordered_map<std::string, int64_t> counts_;
    int64_t longest_ = 0;
};

/// The words that a model knows, numbered.
class Vocabulary {
public:
    static constexpr int32_t padding = 0, unknown = 1, first_word = 2;
    Vocabulary(TokenRule rule, std::vector<std::string> words);
    Vocabulary(const Vocabulary&) = delete;
    Vocabulary& operator=(const Vocabulary&) = delete;

    size_t size() const { return words_.size(); }
    bool is_of(TokenRule rule, const std::vector<std::string>& words) const { return rule == rule_ && words == words_; }
    int32_t number(std::string_view word) const;
    /// What a text is to a model.
    struct Numbered {
        int64_t words = 0; // of the text; those that `to` has no room for are cut off
        int64_t known = 0; // of those that are in it
    };
    /// The numbers of a text's first words, or what else is told of them; padding behind them.
    Numbered write(std::string_view text, std::span<int32_t> to, TokenFeature feature = TokenFeature::word) const;
    int64_t bytes() const; // about

private:
    TokenRule rule_;
    std::vector<std::string> words_;
    std::unordered_map<std::string_view, int32_t> numbers_;
};

/// One for equal words, for as long as somebody has it: models are bound to data again and again, and words are many.
std::shared_ptr<const Vocabulary> shared_vocabulary(TokenRule rule, std::vector<std::string> words);

/// Of a word that is kept: the string, and its text where that is not within.
inline int64_t bytes_of_word(const std::string& word) {
    return int64_t(sizeof word) + (word.size() > 15 ? int64_t(word.size()) + 16 : 0);
}

} // namespace ds
