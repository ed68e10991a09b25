// Sentences whose words have tags: a text a row, a word a line of it, and a class for each. Read twice: to see which
// tags there are, and to write.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "base/progress.h"
#include "data/import/import.h"
#include "data/text/documents.h"

namespace ds {
namespace {

constexpr size_t most_tags = 1 << 14, most_waiting = 4 << 20; // the latter in bytes

class ConllImport {
public:
    ConllImport(const ImportRequest& request, const ConllOptions& options)
        : request_(request), options_(options), has_tags_(options.columns.tag >= 0) {
        for (const std::string& path : request.inputs) sources_.emplace_back(path, true);
        if (has_tags_) number_tags();
    }

    ImportSummary write() {
        DataFileWriter writer(request_.output);
        words_ =
            writer.add_column(document_column("tokens", options_.most_words, TokenRule::lines, options_.columns.word));
        if (has_tags_) tags_ = writer.add_column(tag_column("tags", names_));
        std::vector<HistoryInput> inputs;
        for (const Source& source : sources_) {
            summary_.skipped += sentences(source, [&](const ConllSentence& sentence) { take(writer, sentence); });
            inputs.push_back(input_of(source));
        }
        if (summary_.samples == 0) fail(Exit::data, "{}: there are no sentences in it", sources_[0].name());
        flush(writer);
        MetaWriter meta;
        const WordList list = counter_.list(size_t(options_.most_words));
        meta.add("tokens", list);
        log::info(fmt::format("{} words that stand twice or more; the longest sentence has {}", list.words.size(),
                              list.longest));
        writer.set_meta(meta.json());
        writer.set_history({import_record(request_, std::move(inputs))});
        writer.commit();
        return summary_;
    }

private:
    int64_t sentences(const Source& source, const std::function<void(const ConllSentence&)>& each) const {
        return each_sentence(source, options_.columns, request_.skip_bad, each);
    }
    void number_tags() {
        for (const Source& source : sources_)
            sentences(source, [&](const ConllSentence& sentence) {
                for (const std::string& tag : sentence.tags) numbers_.try_emplace(tag, 0);
                if (numbers_.size() > most_tags)
                    fail(Exit::data, "{}: more than {} tags, such as '{}'; is --column that of the tags?",
                         source.name(), most_tags, shown(sentence.tags[0]));
            });
        for (auto& [name, number] : numbers_) {
            number = int32_t(names_.size());
            names_.push_back(name);
        }
        if (names_.empty()) return; // no sentences, which is refused
        if (names_.size() == 1)
            log::warning(fmt::format("all words have the tag '{}'; there is nothing to learn", shown(names_[0])));
        else log::info(fmt::format("{} tags: {}", names_.size(), few_names(names_)));
    }
    void take(DataFileWriter& writer, const ConllSentence& sentence) {
        const std::string text = sentence.text();
        counter_.add(text);
        texts_ += text;
        text_lengths_.push_back(int64_t(text.size()));
        for (const std::string& tag : sentence.tags) {
            const auto number = numbers_.find(tag);
            if (number == numbers_.end()) fail(Exit::data, "{}: changes while it is read", request_.inputs[0]);
            codes_.push_back(number->second);
        }
        tag_lengths_.push_back(std::ssize(sentence.tags));
        ++summary_.samples;
        if (texts_.size() > most_waiting) flush(writer);
    }
    void flush(DataFileWriter& writer) {
        writer.append_ragged(words_, std::as_bytes(std::span(texts_)), text_lengths_);
        if (has_tags_) writer.append_ragged(tags_, std::as_bytes(std::span(codes_)), tag_lengths_);
        texts_.clear(), text_lengths_.clear(), codes_.clear(), tag_lengths_.clear();
    }

    const ImportRequest& request_;
    const ConllOptions& options_;
    bool has_tags_;
    std::vector<Source> sources_;
    std::map<std::string, int32_t> numbers_; // of each tag
    std::vector<std::string> names_;
    int words_ = -1, tags_ = -1;
    WordCounter counter_{TokenRule::lines};
    std::string texts_; // that wait to be written, and their lengths
    std::vector<int32_t> codes_;
    std::vector<int64_t> text_lengths_, tag_lengths_;
    ImportSummary summary_{0, 0, "sentences"};
};

} // namespace

ImportSummary import_conll(const ImportRequest& request, const ConllOptions& options) {
    return ConllImport(request, options).write();
}

} // namespace ds
