#include "data/text/documents.h"

#include <charconv>

#include "base/error.h"

namespace ds {
namespace {

constexpr const char* kind = "document";

const std::string& attribute(const ColumnInfo& column, const std::string& name) {
    static const std::string none;
    const auto found = column.attributes.find(name);
    return found == column.attributes.end() ? none : found->second;
}

} // namespace

ColumnInfo document_column(const std::string& name, int64_t most, TokenRule rule, int64_t word_column) {
    std::map<std::string, std::string> attributes{{"tokens", std::string(token_rule_names[size_t(rule)])},
                                                  {"most_words", std::to_string(most)}};
    if (word_column >= 0) attributes.emplace(word_column_key, std::to_string(word_column));
    return {name, DType::u8, {}, true, kind, {}, std::move(attributes)};
}

bool is_document(const ColumnInfo& column) {
    return column.kind == kind && column.ragged && column.dtype == DType::u8 && column.item_shape.empty();
}

ColumnInfo tag_column(const std::string& name, std::vector<std::string> names) {
    return {name, DType::i32, {}, true, "target", std::move(names), {}};
}

bool has_tags(const ColumnInfo& column) {
    return column.kind == "target" && column.ragged && column.dtype == DType::i32 && column.item_shape.empty();
}

TokenRule token_rule(const ColumnInfo& column, const std::string& where) {
    return parse_token_rule(attribute(column, "tokens"), where + ": column '" + column.name + "'");
}

namespace {

int64_t number_of(const std::string& text, int64_t otherwise) {
    std::from_chars(text.data(), text.data() + text.size(), otherwise);
    return otherwise;
}

} // namespace

int64_t most_words(const ColumnInfo& column) { return number_of(attribute(column, "most_words"), usual_words); }
int64_t word_column(const ColumnInfo& column) { return number_of(attribute(column, word_column_key), -1); }

Json to_json(const WordList& list) {
    Json json = Json::object();
    json.set("words", list.words).set("counts", list.counts).set("longest", list.longest);
    if (!list.once.empty()) json.set("once", list.once);
    return json;
}

WordList parse_words(const Json& json, const std::string& source) {
    WordList list;
    for (const Json& word : json.at("words").items()) list.words.push_back(word.as_string());
    for (const Json& count : json.at("counts").items()) list.counts.push_back(count.as_int());
    list.longest = json.get<int64_t>("longest");
    const Json* once = json.find("once"); // not in files of before
    for (const Json& word : once ? once->items() : Json::Items()) list.once.push_back(word.as_string());
    if (list.words.size() != list.counts.size() || list.longest < 0)
        fail(Exit::data, "{}: its words and their counts are not of one list", source);
    return list;
}

WordList words_of(const Json& meta, const std::string& column, const std::string& source) {
    const Json* all = meta.find("vocabularies");
    const Json* own = all ? all->find(column) : nullptr;
    return own ? parse_words(*own, source) : WordList();
}

void Documents::read(int64_t row, std::string& text) const {
    const int64_t begin = offsets_.at(size_t(row)), length = offsets_.at(size_t(row) + 1) - begin;
    if (length > int64_t(largest_text))
        fail(Exit::data, "{}: column '{}' has a text of {} bytes in row {}; up to 16 MiB are taken", table_.path(),
             table_.columns()[size_t(column_)].name, length, row + 1);
    text.resize(size_t(length));
    table_.read_values(column_, begin, length, text.data());
}

void Documents::will_need(int64_t first, int64_t rows) const {
    const int64_t begin = offsets_.at(size_t(first));
    table_.will_need(column_, begin, offsets_.at(size_t(first + rows)) - begin);
}

} // namespace ds
