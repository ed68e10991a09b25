#include "data/format/text_rows.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
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

int64_t each_conll_text(const Source& source, const TextForm& form,
                        const std::function<void(const std::string& text, const std::string& name)>& each) {
    const ConllWidth width = conll_width(source);
    if (form.word_column < 0 && width.columns > 1 && !width.is_universal())
        log::info(fmt::format("{}: the words are taken from the first of its {} columns; the model does not say where "
                              "they are",
                              source.name(), width.columns));
    int64_t number = 0;
    const ConllColumns columns{std::max<int64_t>(0, form.word_column), -1, true};
    return each_sentence(source, columns, form.skip_bad, [&](const ConllSentence& sentence) {
        each(sentence.text(), fmt::format("{}[{}]", source.name(), number++));
    });
}

} // namespace

int64_t each_text(Source& source, const TextForm& form,
                  const std::function<void(const std::string& text, const std::string& name)>& each) {
    const std::string name = source.name();
    if (form.layout == TextLayout::sentences) return each_conll_text(source, form, each);
    if (form.layout == TextLayout::whole) {
        const std::vector<std::byte> bytes = source.take(largest_file);
        each({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name);
        return 0;
    }
    each_line(source, [&](std::string_view line, int64_t number) {
        each(form.layout == TextLayout::lines ? std::string(line) : one_a_line(line),
             fmt::format("{}[{}]", name, number - 1));
    });
    return 0;
}

} // namespace ds
