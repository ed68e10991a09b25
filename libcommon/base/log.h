// Words for people on stderr: "ds-x: warning: ...". Results never go through here. Control characters are written out
// (base/escape.h), whatever a line quotes.
// One process-wide level, set once by cli/ from -q and -v.
#pragma once

#include <string>
#include <string_view>

namespace ds::log {

enum class Level { quiet, normal, verbose };

void set_level(Level level);
Level level();
void set_program(std::string name); // the "ds-x" before each line

void info(std::string_view line);    // shown at normal and verbose
void detail(std::string_view line);  // shown at verbose only
void warning(std::string_view line); // always shown
void error(std::string_view line);   // always shown
/// Lines that were asked for (a graph, a profile), without a name before them.
void page(std::string_view lines);

} // namespace ds::log
