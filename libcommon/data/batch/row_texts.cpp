#include "data/batch/row_texts.h"

#include <algorithm>

namespace ds {

const InputBinding* find_texts(const std::vector<InputBinding>& bindings) {
    const auto found = std::ranges::find_if(bindings, [](const InputBinding& b) { return b.vocabulary != nullptr; });
    return found == bindings.end() ? nullptr : &*found;
}

const std::string& RowTexts::at(int64_t row) {
    documents_.read(source_.file_row(row), text_);
    return text_;
}

} // namespace ds
