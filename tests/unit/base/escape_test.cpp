// What is printed of files' own words: nothing that a terminal obeys, no line that was not ours, and shell that stays
// in its quotes, which a real shell reads back.
#include "base/escape.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/error.h"

namespace ds::test {
namespace {

std::string printed_by_shell(const std::string& word) {
    const std::string command = "printf '<%s>' " + word;
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    for (int c; (c = std::fgetc(pipe)) != EOF;) out += char(c);
    pclose(pipe);
    return out;
}

} // namespace

TEST(Visible, ControlCharactersAreWrittenOut) {
    EXPECT_EQ(visible("a\nb\tc\rd\033[2Je\x7f"), "a\\nb\\tc\\rd\\u001b[2Je\\u007f");
    EXPECT_EQ(visible(std::string_view("a\0b", 3)), "a\\u0000b");
    EXPECT_EQ(visible("csi \xc2\x9b"
                      "31m"),
              "csi \\u009b31m"); // an escape sequence of one character
    EXPECT_EQ(visible("\xe2\x80\xae"
                      "evil \xe2\x80\xa8line"),
              "\\u202eevil \\u2028line");
}

TEST(Visible, WordsOfAnyLanguageStay) {
    const std::string text = "na\xc3\xafve \xe2\x9c\x93 \xe6\xb1\x89 \xf0\x9f\x98\x80 C:\\new";
    EXPECT_EQ(visible(text), text);
}

TEST(Visible, BytesThatAreNoUtf8AreWrittenOut) {
    EXPECT_EQ(visible("\xff"), "\\xff");
    EXPECT_EQ(visible("\xc3"), "\\xc3");
    EXPECT_EQ(visible("\x9bm"), "\\x9bm");                          // C1 in Latin-1
    EXPECT_EQ(visible("\xc0\x9b"), "\\xc0\\x9b");                   // an overlong form
    EXPECT_EQ(visible("\xe0\x82\x9b"), "\\xe0\\x82\\x9b");          // likewise
    EXPECT_EQ(visible("\xed\xa0\x80"), "\\xed\\xa0\\x80");          // a surrogate
    EXPECT_EQ(visible("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"); // beyond Unicode
}

TEST(Visible, LinesKeepNewlinesAndTabsOnly) { EXPECT_EQ(visible_lines("a\tb\nc\r\033d"), "a\tb\nc\\r\\u001bd"); }

TEST(ShellWord, AShellReadsBackExactlyTheBytes) {
    for (const std::string word : {"plain.h5",
                                   "two words",
                                   "it's",
                                   "$(touch owned)",
                                   "`touch owned`",
                                   "a\nb",
                                   "\n",
                                   "-n",
                                   "a\\b",
                                   "*",
                                   "~",
                                   "",
                                   "#x",
                                   "a;b",
                                   "esc\033[31m",
                                   "\x01'\x02",
                                   "end\n",
                                   "tab\t",
                                   "\xff\xfe",
                                   "\xe2\x80\xae",
                                   "%s%d",
                                   "\"",
                                   "a=b c"})
        EXPECT_EQ(printed_by_shell(shell_word(word)), "<" + word + ">") << word;
}

TEST(ShellWord, NothingATerminalObeysIsPrinted) {
    const std::string word = shell_word("a\033]0;x\007'\xc2\x9b");
    EXPECT_EQ(visible_lines(word), word);
}

TEST(ShellWord, ANulIsRefused) { EXPECT_THROW(shell_word(std::string_view("a\0b", 3)), Error); }

} // namespace ds::test
