// What the options in a record of the history say, by which a script made from it knows what may be a file. The history
// has their words alone, as somebody wrote them, and reads them without the tools that declared them; so the names
// stand here, and a tool with an option that should be among them and is not gives no page (--help-scdoc, cli/run.cpp),
// without which nothing is built.
#pragma once

#include <string_view>

namespace ds {

/// Its value is a name or a text of the data, never a file.
bool holds_text(std::string_view option);
/// Its value is a number, sizes, a colour or a name of ours (0.2, 28x28, white, fold-bn), which no path is. Another
/// tool's option of the name may be a file's.
bool holds_no_path(std::string_view option);
/// It writes a file, or reads further options. No tool records it: a script has none but its own -o.
bool names_an_output(std::string_view option);

} // namespace ds
