// Any bytes as CoNLL: an Error, or sentences that have as many tags as words and read back the same when they are
// written; and its import, with and without tags and bad lines.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "data/format/conll.h"
#include "data/text/tags.h"
#include "import_file.h"

namespace {

std::vector<ds::ConllSentence> sentences(std::span<const std::byte> bytes, const ds::ConllColumns& columns) {
    std::vector<ds::ConllSentence> all;
    const ds::Source source("t", {bytes.begin(), bytes.end()});
    ds::each_sentence(source, columns, false, [&](const ds::ConllSentence& sentence) { all.push_back(sentence); });
    return all;
}

void check_spans(const std::vector<std::string>& tags) {
    std::vector<ds::SpanTag> parsed;
    for (const std::string& tag : tags) parsed.push_back(ds::span_tag(tag));
    int64_t end = 0;
    for (const ds::WordSpan& span : ds::spans_of(parsed)) {
        if (span.begin < end || span.end <= span.begin || span.end > std::ssize(tags)) std::abort();
        end = span.end;
    }
}

/// What a line of two columns can hold, and give back.
bool is_plain(const std::string& word) {
    return !word.starts_with("-DOCSTART-") && word.find_first_of(" \r") == word.npos;
}

void read_again(const std::vector<ds::ConllSentence>& all) {
    std::string text = "word\ttag\n\n"; // with tabs, and no comment at the start
    for (const ds::ConllSentence& sentence : all) {
        if (sentence.words.size() != sentence.tags.size() || sentence.words.empty()) std::abort();
        check_spans(sentence.tags);
        for (size_t w = 0; w < sentence.words.size(); ++w) text += sentence.words[w] + "\t" + sentence.tags[w] + "\n";
        text += "\n";
    }
    const std::vector<ds::ConllSentence> again = sentences(std::as_bytes(std::span(text)), {1, 2});
    size_t at = 1;
    for (const ds::ConllSentence& sentence : all) {
        if (!std::ranges::all_of(sentence.words, is_plain) || !std::ranges::all_of(sentence.tags, is_plain)) return;
        if (at >= again.size() || again[at].words != sentence.words || again[at].tags != sentence.tags) std::abort();
        ++at;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    for (const ds::ConllColumns& columns : {ds::ConllColumns{}, ds::ConllColumns{2, 1}}) try {
            read_again(sentences(bytes, columns));
        } catch (const ds::Error& error) {
            if (error.code() == ds::Exit::bug) std::abort();
        }
    for (const bool skip_bad : {false, true})
        ds::fuzz::import_files(
            [&](ds::ImportRequest request) {
                request.skip_bad = skip_bad;
                return ds::import_conll(request, skip_bad ? ds::ConllOptions{{1, -1}, 9} : ds::ConllOptions{});
            },
            {{data, size}});
    return 0;
}
