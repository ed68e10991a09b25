// Any bytes as a text: its words are UTF-8, in lower case and no text but their own; numbers come from a vocabulary as
// often as there are words; and its import, a text a line.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "data/text/words.h"
#include "import_file.h"

namespace {

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    ds::each_word(text, ds::TokenRule::words, [&](std::string_view word) { words.emplace_back(word); });
    return words;
}

void check(bool holds) {
    if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::vector<std::string> words = words_of(text);
    for (const std::string& word : words) {
        check(!word.empty() && ds::find_not_utf8(word) == word.npos && ds::open_utf8(word) == 0);
        check(words_of(word) == std::vector<std::string>{word});
    }
    ds::WordCounter counter;
    counter.add(text);
    const ds::WordList list = counter.list(100);
    check(list.longest == std::ssize(words));
    const ds::Vocabulary vocabulary(ds::TokenRule::words, list.words);
    std::vector<int32_t> numbers(8);
    check(vocabulary.write(text, numbers).words == std::ssize(words));
    for (size_t i = 0; i < numbers.size(); ++i)
        check((numbers[i] == ds::Vocabulary::padding) == (i >= words.size()) &&
              size_t(numbers[i]) < ds::Vocabulary::first_word + vocabulary.size());
    for (const bool skip_bad : {false, true})
        ds::fuzz::import_files(
            [&](ds::ImportRequest request) {
                request.skip_bad = skip_bad;
                return ds::import_documents(request, {false, true, 20});
            },
            {{data, size}});
    return 0;
}
