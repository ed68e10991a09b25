#include "data/text/tags.h"

#include <algorithm>

namespace ds {
namespace {

constexpr std::string_view parts = "BIES";

bool is_span_tag(std::string_view tag) {
    if (tag == "O") return true;
    return !tag.empty() && parts.find(tag[0]) != parts.npos && (tag.size() == 1 || (tag.size() > 2 && tag[1] == '-'));
}

bool ends_before(const SpanTag& last, const SpanTag& next) {
    if (last.part == 'O') return false;
    return last.part == 'E' || last.part == 'S' || next.part == 'B' || next.part == 'S' || next.part == 'O' ||
           last.name != next.name;
}

bool begins_at(const SpanTag& last, const SpanTag& next) {
    if (next.part == 'O') return false;
    return next.part == 'B' || next.part == 'S' || last.part == 'E' || last.part == 'S' || last.part == 'O' ||
           last.name != next.name;
}

} // namespace

SpanTag span_tag(std::string_view tag) {
    if (tag == "O" || !is_span_tag(tag)) return {};
    return {tag[0], tag.size() == 1 ? std::string_view() : tag.substr(2)};
}

bool make_spans(const std::vector<std::string>& names) {
    const bool any = std::ranges::any_of(names, [](const std::string& name) { return name != "O"; });
    return any && std::ranges::all_of(names, [](const std::string& name) { return is_span_tag(name); });
}

std::vector<WordSpan> spans_of(std::span<const SpanTag> tags) {
    std::vector<WordSpan> spans;
    SpanTag last;
    bool open = false;
    for (int64_t i = 0; i <= std::ssize(tags); ++i) {
        const SpanTag next = i < std::ssize(tags) ? tags[size_t(i)] : SpanTag{};
        if (open && ends_before(last, next)) {
            spans.back().end = i;
            open = false;
        }
        if (begins_at(last, next)) {
            spans.push_back({i, i, next.name});
            open = true;
        }
        last = next;
    }
    return spans;
}

} // namespace ds
