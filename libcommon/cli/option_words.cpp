#include "cli/option_words.h"

#include <cctype>
#include <charconv>
#include <string_view>

#include "base/error.h"
#include "data/picture/image.h"

namespace ds::cli {
namespace {

/// One or two whole numbers with a sign between them.
template <class T>
struct Numbers {
    T first = 0, second = 0;
    bool sound = false; // nothing else stands there
    bool two = false;
};

template <class T>
Numbers<T> numbers_of(const std::string& text, char sign) {
    Numbers<T> found;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, found.first);
    found.sound = first.ec == std::errc{};
    found.two = found.sound && first.ptr != end;
    if (!found.two) return found;
    const auto second = std::from_chars(first.ptr + 1, end, found.second);
    found.sound = *first.ptr == sign && second.ec == std::errc{} && second.ptr == end;
    return found;
}

} // namespace

std::vector<std::string> words_of(const std::string& list) {
    std::vector<std::string> words(1);
    for (const char c : list)
        if (c == ',') words.emplace_back();
        else words.back() += c;
    return words;
}

void add_words(const std::string& list, std::vector<std::string>& to) {
    for (std::string& word : words_of(list))
        if (!word.empty()) to.push_back(std::move(word));
}

std::vector<std::string> all_words(const std::vector<std::string>& lists) {
    std::vector<std::string> words;
    for (const std::string& list : lists) add_words(list, words);
    return words;
}

std::pair<int64_t, int64_t> parse_pair(const std::string& text, const char* option) {
    Numbers<int64_t> pair = numbers_of<int64_t>(text, 'x');
    if (!pair.two) pair.second = pair.first;
    const auto fits = [](int64_t side) { return side > 0 && side <= max_image_side; };
    if (!pair.sound || !fits(pair.first) || !fits(pair.second))
        fail(Exit::usage, "{} takes HEIGHTxWIDTH, such as 28x28, not '{}'", option, text);
    return {pair.first, pair.second};
}

double parse_share(const std::string& text, const char* option) {
    if (text.empty()) return 0;
    double share = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
    const bool sound = error == std::errc{} && end == text.data() + text.size() && share >= 0 && share < 1e15 &&
                       (share < 1 || share == double(int64_t(share)));
    if (!sound) fail(Exit::usage, "{} takes a count or a fraction, not '{}'", option, text);
    return share;
}

std::pair<int64_t, int64_t> parse_fold(const std::string& text) {
    if (text.empty()) return {0, 0};
    const auto fold = numbers_of<int64_t>(text, '/');
    if (!fold.sound || fold.second < 2 || fold.first < 1 || fold.first > fold.second)
        fail(Exit::usage, "--fold takes one of several parts, such as 3/5, not '{}'", text);
    return {fold.first, fold.second};
}

char parse_delimiter(const std::string& text, const char* option) {
    if (text.empty()) return 0;
    const std::string one = text == "tab" || text == "\\t" ? "\t" : text;
    const bool sound = one.size() == 1 && std::string_view("\"\r\n").find(one[0]) == std::string_view::npos &&
                       static_cast<unsigned char>(one[0]) < 128 && !std::isalnum(static_cast<unsigned char>(one[0]));
    if (!sound) fail(Exit::usage, "{} takes one character such as ; or the word tab, not '{}'", option, text);
    return one[0];
}

char parse_decimal(const std::string& text) {
    if (text.empty() || text == ".") return '.';
    if (text != ",") fail(Exit::usage, "--decimal takes what stands before fractions, . or , and not '{}'", text);
    return ',';
}

std::pair<int64_t, int64_t> parse_columns(const std::string& text) {
    const auto columns = numbers_of<int64_t>(text, ',');
    const auto fits = [](int64_t column) { return column > 0 && column < 1000; };
    const bool sound = columns.sound && fits(columns.first) &&
                       (!columns.two || (fits(columns.second) && columns.second != columns.first));
    if (!sound) fail(Exit::usage, "--column takes the numbers of two columns, such as 1,4, not '{}'", text);
    return {columns.first, columns.two ? columns.second : -1};
}

} // namespace ds::cli
