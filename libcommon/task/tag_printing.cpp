// How the classes of a text's words print: lines of CoNLL for people, lists in JSON, names with blanks between them in
// CSV.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "data/batch/facts.h"
#include "task/printing.h"

namespace ds {
namespace {

constexpr const char* cut_off = "_"; // the class of a word that the model did not read

/// The likeliest class of each word that outputs are for.
std::vector<std::string> tags_of(Outputs x, const OutputNames& names) {
    const size_t classes = names.item.empty() ? 1 : size_t(names.item.back());
    const size_t room = x.size() / classes, n = names.length < 0 ? room : std::min(room, size_t(names.length));
    std::vector<std::string> tags;
    for (size_t w = 0; w < n; ++w) {
        const auto row = x.subspan(w * classes, classes);
        tags.push_back(names.label(std::ranges::max_element(row) - row.begin()));
    }
    if (names.length > 0) tags.resize(size_t(names.length), cut_off);
    return tags;
}

std::string joined(const std::vector<std::string>& tags) { return fmt::format("{}", fmt::join(tags, " ")); }

/// Only what is read of the text has to mean something.
bool usable(Outputs x, const OutputNames& names) {
    const size_t classes = names.item.empty() ? 1 : size_t(names.item.back());
    const size_t n = names.length < 0 ? x.size() : std::min(x.size(), size_t(names.length) * classes);
    return std::ranges::all_of(x.first(n), [](double v) { return std::isfinite(v); });
}

std::string tag_lines(Outputs x, const OutputNames& names) {
    const std::vector<std::string> tags = tags_of(x, names);
    std::string out;
    for (size_t w = 0; w < tags.size(); ++w)
        out += (names.words && w < names.words->size() ? (*names.words)[w] : std::string("_")) + "\t" + tags[w] + "\n";
    return out + "\n";
}

std::string tag_words(Outputs x, const OutputNames& names) { return joined(tags_of(x, names)); }

void tag_json(Json& one, Outputs x, const OutputNames& names) {
    if (names.words) one.set("words", *names.words);
    one.set("predicted", tags_of(x, names));
}

std::vector<std::string> tag_columns(int64_t, const OutputNames&) { return {"predicted"}; }
std::vector<std::string> tag_fields(Outputs x, const OutputNames& names) { return {joined(tags_of(x, names))}; }
std::vector<std::string> target_columns(int64_t, const OutputNames&) { return {"target"}; }

int64_t length(const Tensor& target, int64_t s) {
    const int64_t room = target.size() / target.shape()[0];
    const int32_t* own = target.as<int32_t>() + s * room;
    return std::find(own, own + room, int32_t(ignored_class)) - own;
}

std::vector<std::string> target_fields(const Tensor& target, int64_t s, const OutputNames& names) {
    const int64_t room = target.size() / target.shape()[0], n = length(target, s);
    std::vector<std::string> tags;
    for (int64_t w = 0; w < n; ++w) tags.push_back(names.label(target.as<int32_t>()[s * room + w]));
    for (const int32_t tag : names.unread ? *names.unread : std::vector<int32_t>()) tags.push_back(names.label(tag));
    return {joined(tags)};
}

} // namespace

const Printing tag_printing = [] {
    Printing printing{usable, tag_words, tag_json, tag_columns, tag_fields, target_columns, target_fields};
    printing.length = length;
    printing.lines = tag_lines;
    return printing;
}();

} // namespace ds
