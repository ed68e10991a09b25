// How options of ds-data that are more than a word or a number are written. Each reader returns what was meant, or says
// by Error(usage) how the option is written.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ds::cli {

/// The words of a list with commas; an empty one is a word, too.
std::vector<std::string> words_of(const std::string& list);
/// The words of a list with commas, put behind those that are there; empty ones are none.
void add_words(const std::string& list, std::vector<std::string>& to);
/// Of an option that may be given several times: the words of all its lists.
std::vector<std::string> all_words(const std::vector<std::string>& lists);

/// "32x24" as height and width; one number is both.
std::pair<int64_t, int64_t> parse_pair(const std::string& text, const char* option);
/// A count, or a fraction of the rows; 0 where nothing is given.
double parse_share(const std::string& text, const char* option);
/// "3/5" as the third of five; 0 of 0 where nothing is given.
std::pair<int64_t, int64_t> parse_fold(const std::string& text);
/// One character, or the word tab; 0 where nothing is given.
char parse_delimiter(const std::string& text, const char* option = "--delimiter");
/// A point or a comma; a point where nothing is given.
char parse_decimal(const std::string& text);
/// "2,4" as the numbers of two columns; "2" as one, with -1 for the other.
std::pair<int64_t, int64_t> parse_columns(const std::string& text);

} // namespace ds::cli
