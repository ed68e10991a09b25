#include "cli/patterns.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "data/batch/source.h"

namespace ds::cli {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits from `at` on without leading zeros; `at` moves behind them.
std::string_view take_digits(const std::string& text, size_t& at) {
    while (at < text.size() && text[at] == '0') ++at;
    const size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return std::string_view(text).substr(begin, at - begin);
}

std::vector<std::string> matches(const std::string& pattern) {
    glob_t found{};
    const int result = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
    std::vector<std::string> paths;
    if (result == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    std::ranges::sort(paths, naturally_less);
    return paths;
}

} // namespace

bool naturally_less(const std::string& a, const std::string& b) {
    for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        if (is_digit(a[i]) && is_digit(b[j])) {
            const std::string_view x = take_digits(a, i), y = take_digits(b, j);
            if (x.size() != y.size()) return x.size() < y.size();
            if (x != y) return x < y;
        } else {
            if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
            ++i, ++j;
        }
        if (i == a.size() && j < b.size()) return true;
        if (i < a.size() && j == b.size()) return false;
    }
    return a < b; // alike but for leading zeros
}

std::vector<std::string> expand_patterns(const std::vector<std::string>& texts) {
    std::vector<std::string> all;
    for (const std::string& text : texts) {
        std::error_code ignored;
        const bool plain = text.find_first_of("*?[") == text.npos || std::filesystem::exists(text, ignored);
        const auto [path, split] = plain ? std::pair(text, std::string()) : split_spec(text);
        if (plain || path.find_first_of("*?[") == path.npos || std::filesystem::exists(path, ignored)) {
            all.push_back(text);
            continue;
        }
        const std::vector<std::string> found = matches(path);
        if (found.empty()) fail(Exit::no_input, "no file matches '{}'", path);
        for (const std::string& file : found) all.push_back(file + (split.empty() ? "" : ":" + split));
    }
    return all;
}

} // namespace ds::cli
