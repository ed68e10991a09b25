// Columns of texts, one a row: ragged bytes of kind "document", with the rule by which they become words, and how many
// of those a vocabulary has (attributes `tokens` and `most_words`). The words that are known stand in the metadata of
// the file, taken from the rows that its statistics are of (vocabularies, by column).
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "data/text/words.h"
#include "io/data_file/data_file.h"

namespace ds {

constexpr int64_t usual_words = 50'000; // of a vocabulary, where nobody says otherwise

/// `word_column`: which column of CoNLL the words came from (ConllColumns::word), < 0: they did not.
ColumnInfo document_column(const std::string& name, int64_t most_words, TokenRule rule = TokenRule::words,
                           int64_t word_column = -1);
bool is_document(const ColumnInfo& column);
/// A class for each word of a document: ragged i32 of kind "target", as many a row as it has words.
ColumnInfo tag_column(const std::string& name, std::vector<std::string> names);
bool has_tags(const ColumnInfo& column);
/// Error(data) for what this version does not know.
TokenRule token_rule(const ColumnInfo& column, const std::string& where);
int64_t most_words(const ColumnInfo& column);
/// < 0 where the file does not say it.
int64_t word_column(const ColumnInfo& column);
inline constexpr const char* word_column_key = "word_column"; // the attribute

/// A word list as metadata, and back: Error(data) naming the source where it is none.
Json to_json(const WordList& list);
WordList parse_words(const Json& json, const std::string& source);
/// The list of a column in a file's metadata; empty where it has none.
WordList words_of(const Json& meta, const std::string& column, const std::string& source);

/// The texts of a column.
class Documents {
public:
    /// The table must live as long.
    Documents(const DataTable& table, int column) : table_(table), column_(column), offsets_(table.offsets(column)) {}
    /// That of a row of the table. Error(data) for one that is too large.
    void read(int64_t row, std::string& text) const;
    /// Says that the texts of these rows, one behind the other, will be read soon.
    void will_need(int64_t first, int64_t rows) const;
    static int64_t bytes(int64_t rows) { return (rows + 1) * int64_t(sizeof(int64_t)); }

private:
    const DataTable& table_;
    int column_;
    std::vector<int64_t> offsets_;
};

} // namespace ds
