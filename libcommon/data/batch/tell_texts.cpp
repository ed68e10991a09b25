#include "data/batch/tell_texts.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/log.h"
#include "data/batch/row_texts.h"

namespace ds {

void TextCounts::add(const Vocabulary::Numbered& text, int64_t room) {
    ++texts;
    cut += text.words > room;
    unread += std::max<int64_t>(0, text.words - room);
    wordless += text.known == 0;
}

void TextCounts::tell(const std::string& where, int64_t room) const {
    if (cut > 0)
        log::info(fmt::format("{}: {} of {} texts have more than {} words; the model reads the first of those, and not "
                              "the {} words behind them",
                              where, cut, texts, room, unread));
    if (wordless > 0)
        log::info(fmt::format("{}: {} of {} texts have no word that the model knows", where, wordless, texts));
}

void tell_of_texts(const InputBinding& binding, const DataSource& source) {
    RowTexts texts(source, binding);
    std::vector<int32_t> numbers(size_t(binding.item.at(0)));
    TextCounts counts;
    for (int64_t i = 0; i < source.rows(); ++i)
        counts.add(binding.vocabulary->write(texts.at(i), numbers), binding.item[0]);
    counts.tell(fmt::format("{}: column '{}'", source.name(), source.file().columns()[size_t(binding.column)].name),
                binding.item[0]);
}

} // namespace ds
