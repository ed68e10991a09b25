#include "data/format/text_rows.h"

#include <algorithm>

#include "base/error.h"
#include "data/format/conll.h"
#include "data/text/lines.h"

namespace ds {
namespace {

constexpr uint64_t largest_file = uint64_t{8} << 30; // bytes

/// Words with blanks between them, as a text whose words are lines.
std::string one_a_line(std::string_view line) {
    std::string text;
    for (size_t at = 0; (at = line.find_first_not_of(" \t", at)) != line.npos;) {
        const size_t end = std::min(line.find_first_of(" \t", at), line.size());
        text += (text.empty() ? "" : "\n") + std::string(line.substr(at, end - at));
        at = end;
    }
    return text;
}

} // namespace

int64_t each_text(Source& source, TextLayout layout, bool skip_bad,
                  const std::function<void(const std::string& text, const std::string& name)>& each) {
    const std::string name = source.name();
    if (layout == TextLayout::whole) {
        const std::vector<std::byte> bytes = source.take(largest_file);
        each({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name);
        return 0;
    }
    if (layout == TextLayout::sentences) {
        int64_t number = 0;
        return each_sentence(source, {0, -1}, skip_bad, [&](const ConllSentence& sentence) {
            each(sentence.text(), fmt::format("{}[{}]", name, number++));
        });
    }
    each_line(source, [&](std::string_view line, int64_t number) {
        each(layout == TextLayout::lines ? std::string(line) : one_a_line(line),
             fmt::format("{}[{}]", name, number - 1));
    });
    return 0;
}

} // namespace ds
