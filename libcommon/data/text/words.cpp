#include "data/text/words.h"

#include <algorithm>
#include <mutex>

#include "base/error.h"
#include "base/names.h"
#include "data/text/characters.h"

namespace ds {
namespace {

struct Range {
    char32_t first, last;
};

bool within(std::span<const Range> ranges, char32_t c) {
    return std::ranges::any_of(ranges, [c](const Range& r) { return c >= r.first && c <= r.last; });
}

/// Above ASCII: spaces, punctuation, signs, what is private or says how to draw.
constexpr Range separators[] = {{0x80, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},
                                {0xd7, 0xd7},     {0xf7, 0xf7},     {0x2000, 0x2bff}, {0x2e00, 0x2e7f},
                                {0x3000, 0x303f}, {0xe000, 0xf8ff}, {0xfe00, 0xfe6f}, {0xff00, 0xff0f},
                                {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xfff0, 0xffff}};
/// Kana, ideographs, emoji: written without blanks between words.
constexpr Range singles[] = {
    {0x3040, 0x30ff}, {0x3400, 0x9fff}, {0xf900, 0xfaff}, {0x1f000, 0x1faff}, {0x20000, 0x3ffff}};

enum class Part { separator, letter, single, apostrophe };

Part part_of(char32_t c) {
    if (c == '\'' || c == 0x2019) return Part::apostrophe;
    if (c < 0x80) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        return letter ? Part::letter : Part::separator;
    }
    if (within(singles, c)) return Part::single;
    return within(separators, c) ? Part::separator : Part::letter;
}

int32_t shape_of(std::string_view word) {
    int64_t small = 0, capital = 0, digits = 0, signs = 0;
    bool first_is_capital = false;
    for (size_t at = 0; at < word.size();) {
        const bool first = at == 0;
        const char32_t c = take_character(word, at);
        const bool is_capital = lower(c) != c;
        if (c >= '0' && c <= '9') ++digits;
        else if (is_capital) ++capital;
        else if (part_of(c) == Part::letter && c != '_') ++small;
        else ++signs;
        first_is_capital = first_is_capital || (first && is_capital);
    }
    const int64_t letters = small + capital;
    if (digits > 0) return letters > 0 ? 6 : signs > 0 ? 7 : 5;
    if (letters == 0) return 8;
    if (signs > 0) return 9;
    if (capital == 0) return 1;
    if (first_is_capital && capital == 1) return 2;
    return small == 0 ? 3 : 4;
}

int32_t suffix_of(std::string_view word) {
    size_t from = word.size();
    for (int characters = 0; from > 0 && characters < 3; characters += (word[from] & 0xc0) != 0x80) --from;
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (const char c : word.substr(from)) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    return 1 + int32_t(hash % 4095);
}

} // namespace

TokenRule parse_token_rule(std::string_view name, const std::string& where) {
    const auto found = std::ranges::find(token_rule_names, name);
    if (found == token_rule_names.end())
        fail(Exit::data, "{}: its texts are divided by the rule '{}', which this version does not know", where,
             shown(std::string(name)));
    return TokenRule(found - token_rule_names.begin());
}

namespace {

/// By the rule `words`.
void each_run(std::string_view text, const std::function<void(std::string_view)>& each) {
    std::string word;
    bool apostrophe = false; // stands behind the word, and belongs to it if a letter follows
    const auto end_word = [&] {
        if (!word.empty()) each(word);
        word.clear();
        apostrophe = false;
    };
    for (size_t at = 0; at < text.size();) {
        const char32_t c = take_character(text, at);
        const Part part = part_of(c);
        if (part == Part::letter) {
            if (apostrophe) word += '\'';
            apostrophe = false;
            append_character(word, lower(c));
        } else if (part == Part::apostrophe && !word.empty() && !apostrophe) {
            apostrophe = true;
        } else {
            end_word();
            if (part != Part::single) continue;
            append_character(word, c);
            end_word();
        }
    }
    end_word();
}

/// Calls each(word, as it stands there) by either rule; that of `words` keeps no capitals.
template <class Each>
void each_token(std::string_view text, TokenRule rule, const Each& each) {
    if (rule == TokenRule::words) return each_run(text, [&](std::string_view word) { each(word, word); });
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        each(std::string_view(lowered(line)), line);
        at = end + 1;
    }
}

} // namespace

void each_word(std::string_view text, TokenRule rule, const std::function<void(std::string_view)>& each) {
    each_token(text, rule, [&](std::string_view word, std::string_view) { each(word); });
}

std::vector<std::string> words_as_written(std::string_view text, TokenRule rule) {
    std::vector<std::string> all;
    each_token(text, rule, [&](std::string_view, std::string_view whole) { all.emplace_back(whole); });
    return all;
}

void WordCounter::add(std::string_view text) {
    int64_t words = 0;
    each_word(text, rule_, [&](std::string_view word) {
        ++words;
        if (word.size() <= longest_word) ++counts_[std::string(word)];
    });
    longest_ = std::max(longest_, words);
}

void WordCounter::add(const WordList& other) {
    for (size_t k = 0; k < other.words.size(); ++k) counts_[other.words[k]] += other.counts[k];
    for (const std::string& word : other.once) ++counts_[word];
    longest_ = std::max(longest_, other.longest);
}

WordList WordCounter::list(size_t most) const {
    std::vector<std::pair<int64_t, std::string_view>> frequent;
    for (const auto& [word, count] : counts_)
        if (count > 1) frequent.emplace_back(-count, word);
    std::ranges::sort(frequent);
    frequent.resize(std::min(frequent.size(), most));
    WordList list;
    for (const auto& [count, word] : frequent) {
        list.words.emplace_back(word);
        list.counts.push_back(-count);
    }
    list.longest = longest_;
    add_once(list, most - list.words.size());
    return list;
}

void WordCounter::add_once(WordList& list, size_t room) const {
    std::vector<std::string_view> once;
    for (const auto& [word, count] : counts_)
        if (room > 0 && count == 1) once.emplace_back(word);
    std::ranges::sort(once);
    once.resize(std::min(once.size(), room));
    list.once.assign(once.begin(), once.end());
}

Vocabulary::Vocabulary(TokenRule rule, std::vector<std::string> words) : rule_(rule), words_(std::move(words)) {
    for (const std::string& word : words_) numbers_.try_emplace(word, first_word + int32_t(&word - words_.data()));
}

int32_t Vocabulary::number(std::string_view word) const {
    const auto found = numbers_.find(word);
    return found == numbers_.end() ? unknown : found->second;
}

Vocabulary::Numbered Vocabulary::write(std::string_view text, std::span<int32_t> to, TokenFeature feature) const {
    Numbered done;
    each_token(text, rule_, [&](std::string_view word, std::string_view whole) {
        const auto at = size_t(done.words++);
        if (at >= to.size()) return;
        if (feature == TokenFeature::shape) to[at] = shape_of(whole);
        else if (feature == TokenFeature::suffix) to[at] = suffix_of(word);
        else to[at] = number(word);
        done.known += to[at] != unknown;
    });
    for (size_t at = size_t(done.words); at < to.size(); ++at) to[at] = padding;
    return done;
}

std::shared_ptr<const Vocabulary> shared_vocabulary(TokenRule rule, std::vector<std::string> words) {
    static std::mutex mutex;
    static std::vector<std::weak_ptr<const Vocabulary>> living;
    const std::lock_guard lock(mutex);
    std::erase_if(living, [](const auto& one) { return one.expired(); });
    for (const auto& one : living)
        if (const auto same = one.lock(); same && same->is_of(rule, words)) return same;
    auto made = std::make_shared<const Vocabulary>(rule, std::move(words));
    living.push_back(made);
    return made;
}

int64_t Vocabulary::bytes() const {
    int64_t all = 0; // a node of the map, its bucket, the word
    for (const std::string& word : words_) all += 48 + 16 + bytes_of_word(word);
    return all;
}

} // namespace ds
