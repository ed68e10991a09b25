// Help for mistyped names: the nearest of the known ones, all of them in one line, and how what was given is quoted.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ds {

/// The name in `known` that `name` was most likely meant to be (edit distance with swaps, at most a
/// third of its letters; or `name` begins it), or "" when none is near.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

/// "a, b, c".
std::string list_names(std::span<const std::string_view> names);

/// "; did you mean b? known: a, b, c" (without the question when nothing is near); "; there is none" of none.
std::string name_hint(std::string_view name, std::span<const std::string_view> known);

/// "a, b, c, d and 12 more".
std::string few_names(const std::vector<std::string>& names);

/// A text as an error quotes it: cut where it is long.
std::string shown(std::string_view text);

} // namespace ds
