// Help for mistyped names. Distance: optimal string alignment (insert, delete, replace, swap neighbours).
#include "base/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace ds {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

} // namespace

std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
    constexpr size_t longest = 100; // beyond it nobody mistyped
    if (name.empty() || name.size() > longest) return {};
    std::string_view best;
    size_t least = std::max<size_t>(1, (name.size() + 2) / 3) + 1;
    for (const std::string_view candidate : known) {
        const bool begun = name.size() >= 3 && candidate.starts_with(name);
        const size_t distance = begun ? 1 : edit_distance(name, candidate);
        if (distance < least && distance < candidate.size()) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

std::string list_names(std::span<const std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) {
        if (!out.empty()) out += ", ";
        out += name;
    }
    return out;
}

std::string name_hint(std::string_view name, std::span<const std::string_view> known) {
    if (known.empty()) return "; there is none";
    std::string out = "; ";
    if (const std::string_view best = nearest_name(name, known); !best.empty())
        out.append("did you mean ").append(best).append("? ");
    return out.append("known: ").append(list_names(known));
}

std::string shown(std::string_view text) {
    constexpr size_t most = 80;
    if (text.size() <= most) return std::string(text);
    size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end; // not inside a UTF-8 character
    return std::string(text.substr(0, end)) + "...";
}

std::string few_names(const std::vector<std::string>& names) {
    const size_t shown = std::min<size_t>(names.size(), 4);
    const std::string list = fmt::format("{}", fmt::join(names.begin(), names.begin() + int64_t(shown), ", "));
    return shown == names.size() ? list : fmt::format("{} and {} more", list, names.size() - shown);
}

} // namespace ds
