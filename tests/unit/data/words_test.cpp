// Texts become words by a rule that is the same everywhere, and words numbers by a vocabulary.
#include "data/text/characters.h"
#include "data/text/words.h"

#include "data/text/lines.h"
#include "fixture.h"

namespace ds {
namespace {

using namespace ds::test;
using ::testing::ElementsAre;

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> all;
    each_word(text, TokenRule::words, [&](std::string_view word) { all.emplace_back(word); });
    return all;
}

TEST(Words, AreRunsOfLettersDigitsAndUnderscoresInLowerCase) {
    EXPECT_THAT(words("Two words, ONE_name;\t3rd--line\r\nx"),
                ElementsAre("two", "words", "one_name", "3rd", "line", "x"));
    EXPECT_THAT(words(""), ElementsAre());
    EXPECT_THAT(words(" .,-\n"), ElementsAre());
}

TEST(Words, AnApostropheBelongsToTheWordItStandsIn) {
    EXPECT_THAT(words("Don't 'quote' it''s rock'n'roll dogs'"),
                ElementsAre("don't", "quote", "it", "s", "rock'n'roll", "dogs"));
    EXPECT_THAT(words("it\xe2\x80\x99s"), ElementsAre("it's")); // the typographic one
}

TEST(Words, CapitalsOfOtherAlphabetsAreMadeSmall) {
    EXPECT_THAT(words("\xc3\x89t\xc3\x89 \xc5\x81\xc3\x93 \xc5\xb9 \xce\xa3 \xd0\x96\xd0\x81"), // ÉtÉ ŁÓ Ź Σ ЖЁ
                ElementsAre("\xc3\xa9t\xc3\xa9", "\xc5\x82\xc3\xb3", "\xc5\xba", "\xcf\x83", "\xd0\xb6\xd1\x91"));
}

TEST(Words, IdeographsAndEmojiStandAlone) {
    EXPECT_THAT(words("ab\xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80!"),
                ElementsAre("ab", "\xe6\x97\xa5", "\xe6\x9c\xac", "\xf0\x9f\x98\x80"));
}

TEST(Words, PunctuationAboveAsciiPartsWords) {
    EXPECT_THAT(words("\xe2\x80\x9c"
                      "a\xe2\x80\x94"
                      "b\xc2\xa0"
                      "c\xe2\x80\x9d"),
                ElementsAre("a", "b", "c"));
}

TEST(Words, BytesThatAreNoUtf8AreLatin1) {
    EXPECT_THAT(words("caf\xe9 \xc9t\xe9 \xc3"), ElementsAre("caf\xc3\xa9", "\xc3\xa9t\xc3\xa9", "\xc3\xa3"));
}

TEST(WordCounter, ListsWhatStandsTwiceTheMostFrequentFirst) {
    WordCounter counter;
    counter.add("b a c b");
    counter.add("B, a d");
    counter.add(fmt::format("{0} {0}", std::string(101, 'x')));
    EXPECT_EQ(counter.list(9), (WordList{{"b", "a"}, {3, 2}, 4, {"c", "d"}}));
    EXPECT_EQ(counter.list(3), (WordList{{"b", "a"}, {3, 2}, 4, {"c"}})); // in what room there is
    EXPECT_EQ(counter.list(1), (WordList{{"b"}, {3}, 4}));
    counter.add(WordList{{"a", "e"}, {2, 5}, 7, {"d", "f"}});
    EXPECT_EQ(counter.list(9), (WordList{{"e", "a", "b", "d"}, {5, 4, 3, 2}, 7, {"c", "f"}}));
}

TEST(WordCounter, PartsThatAreJoinedKnowTheWordsOfAllTexts) {
    const std::vector<std::string> texts{"a b c d", "d e f a", "f g a h", "h b x y"};
    WordCounter whole, joined;
    for (const std::string& text : texts) {
        WordCounter part;
        part.add(text);
        joined.add(part.list(50));
        whole.add(text);
    }
    EXPECT_EQ(joined.list(50), whole.list(50));
}

/// As lower case was when it was that of Latin, Greek and Cyrillic letters alone: vocabularies of then hold it.
char32_t lower_of_before(char32_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c <= 0xff) return c >= 0xc0 && c <= 0xde && c != 0xd7 ? c + 32 : c;
    if (c <= 0x17f) {
        const bool odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
        if (c == 0x178) return 0xff;
        if (c == 0x131 || c == 0x138 || c == 0x149 || c == 0x17f) return c;
        return c % 2 == (odd ? 1 : 0) ? c + 1 : c;
    }
    if (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) return c + 32;
    if (c >= 0x410 && c <= 0x42f) return c + 32;
    return c >= 0x400 && c <= 0x40f ? c + 80 : c;
}

TEST(Lower, LettersOfBeforeHaveTheLowerCaseOfBefore) {
    for (char32_t c = 0; c <= 0x17f; ++c) EXPECT_EQ(lower(c), c == 0x130 ? U'i' : lower_of_before(c)) << uint32_t(c);
    for (char32_t c = 0x391; c <= 0x3a9; ++c) EXPECT_EQ(lower(c), lower_of_before(c)) << uint32_t(c);
    for (char32_t c = 0x400; c <= 0x45f; ++c) EXPECT_EQ(lower(c), lower_of_before(c)) << uint32_t(c);
}

TEST(Vocabulary, IsOneForEqualWords) {
    const auto first = shared_vocabulary(TokenRule::words, {"a", "b"});
    EXPECT_EQ(first, shared_vocabulary(TokenRule::words, {"a", "b"}));
    EXPECT_NE(first, shared_vocabulary(TokenRule::lines, {"a", "b"}));
    EXPECT_NE(first, shared_vocabulary(TokenRule::words, {"b", "a"}));
}

TEST(Vocabulary, NumbersWordsCutsAndPads) {
    const Vocabulary vocabulary(TokenRule::words, {"a", "the"});
    std::vector<int32_t> to(4, 9);
    Vocabulary::Numbered done = vocabulary.write("The cat: a", to);
    EXPECT_THAT(to, ElementsAre(3, 1, 2, 0));
    EXPECT_EQ(done.words, 3);
    EXPECT_EQ(done.known, 2);
    done = vocabulary.write("x x x x the", to);
    EXPECT_THAT(to, ElementsAre(1, 1, 1, 1));
    EXPECT_EQ(done.words, 5);
    EXPECT_EQ(done.known, 0); // of those that are read
    vocabulary.write("", to);
    EXPECT_THAT(to, ElementsAre(0, 0, 0, 0));
}

TEST(Lines, EndInLineFeedsAndLoseTheMark) {
    const std::string text = "\xef\xbb\xbfone\r\n\ntwo\nthree", long_line(200'000, 'y');
    const auto lines = [](const std::string& all) {
        const auto bytes = std::as_bytes(std::span(all));
        std::vector<std::string> found;
        each_line(Source("t", {bytes.begin(), bytes.end()}), [&](std::string_view line, int64_t number) {
            found.emplace_back(line);
            EXPECT_EQ(number, std::ssize(found));
        });
        return found;
    };
    EXPECT_THAT(lines(text), ElementsAre("one", "", "two", "three"));
    EXPECT_THAT(lines(fmt::format("{0}\n{0}", long_line)), ElementsAre(long_line, long_line));
    EXPECT_THAT(lines(""), ElementsAre());
    expect_says(error_of(Exit::data, [] { checked_text(std::string_view("a\0b", 3), "t"); }), "t: a zero byte");
    expect_says(error_of(Exit::data, [&] { lines(std::string(largest_text + 70'000, 'z')); }), "t: line 1: a line of");
}

} // namespace
} // namespace ds
