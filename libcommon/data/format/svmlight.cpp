#include "data/format/svmlight.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

constexpr size_t piece = 1 << 16, longest_line = 64 << 20; // bytes
constexpr size_t longest_group = 1 << 12;

/// All of the word as a number that a float holds, too.
bool parse(std::string_view word, double& value) {
    if (word.starts_with('+')) word.remove_prefix(1);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() && std::isfinite(value) && std::abs(value) <= 3e38;
}

bool parse(std::string_view word, int64_t& value) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() && value >= 0;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Takes the next word off the line; "" at its end.
std::string_view take_word(std::string_view& line) {
    while (!line.empty() && is_blank(line[0])) line.remove_prefix(1);
    size_t end = 0;
    while (end < line.size() && !is_blank(line[end])) ++end;
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

} // namespace

void SvmlightReader::refuse(std::string_view word, const char* why) const {
    fail(Exit::data, "{}: line {}: '{}' {}", name_, line_, shown(std::string(word.substr(0, 60))), why);
}

/// The next line without its end; false when there is none.
bool SvmlightReader::read_line() {
    text_.clear();
    for (bool any = false;;) {
        if (at_ == buffer_.size()) {
            buffer_.resize(piece);
            at_ = 0;
            buffer_.resize(bytes_.read(std::as_writable_bytes(std::span(buffer_))));
            if (buffer_.empty()) return any;
        }
        any = true;
        const size_t end = std::min(buffer_.find('\n', at_), buffer_.size());
        text_.append(buffer_, at_, end - at_);
        position_ += end - at_;
        at_ = end;
        if (text_.size() > longest_line) fail(Exit::data, "{}: line {} has no end", name_, line_ + 1);
        if (at_ == buffer_.size()) continue;
        ++at_;
        ++position_;
        return true;
    }
}

bool SvmlightReader::next() {
    while (read_line()) {
        ++line_;
        std::string_view line = text_;
        line = line.substr(0, line.find('#'));
        std::string_view rest = line;
        if (take_word(rest).empty()) continue;
        parse(line);
        return true;
    }
    return false;
}

void SvmlightReader::parse(std::string_view line) {
    group_.clear();
    features_.clear();
    const std::string_view label = take_word(line);
    if (!ds::parse(label, label_))
        refuse(label, label.find(',') != label.npos ? "are several labels of a row; one is imported"
                                                    : "is no number; lines are LABEL [qid:GROUP] INDEX:VALUE ...");
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
        const size_t colon = word.find(':');
        if (colon == word.npos) refuse(word, "is no INDEX:VALUE");
        const std::string_view index = word.substr(0, colon), value = word.substr(colon + 1);
        if (index != "qid") {
            take_feature(word, index, value);
            continue;
        }
        if (value.empty() || value.size() > longest_group || !group_.empty() || !features_.empty())
            refuse(word, "is no qid:GROUP; one stands behind the label");
        group_ = value;
    }
}

void SvmlightReader::take_feature(std::string_view word, std::string_view index, std::string_view value) {
    std::pair<int64_t, double> one;
    if (!ds::parse(index, one.first)) refuse(word, "has an index that is no whole number from 0 up");
    if (!ds::parse(value, one.second)) refuse(word, "has a value that is no finite number");
    if (!features_.empty() && features_.back().first >= one.first)
        refuse(word, "stands behind a feature of the same index or a greater one; indices ascend");
    features_.push_back(one);
}

} // namespace ds
