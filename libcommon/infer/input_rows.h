// Samples that come as images, arrays or tables, brought into the form of a model's inputs, to be taken in batches.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/batch/batcher.h"
#include "data/batch/binding.h"
#include "data/batch/tell_texts.h"
#include "data/format/csv.h"
#include "state/model.h"

namespace ds {

class InputRows {
public:
    /// `resize`: how pictures get the model's size where the model does not say it. Error(usage) where it does, and for
    /// a model whose inputs leave a size open. `keep_pictures`: in their own size, too.
    explicit InputRows(const Model& model, std::optional<ResizeRule> resize = {}, bool keep_pictures = false,
                       bool keep_texts = false);

    // `name` is the source's, for messages and for the samples' names. Error(data) naming it when it does not fit the
    // model, Error(usage) when the model has more inputs than it can feed.
    void add_image(std::span<const std::byte> bytes, const std::string& name);
    /// Error(usage) for a model that does not take one text.
    void add_text(std::string_view text, const std::string& name);
    void add_array(std::span<const std::byte> npy, const std::string& name);
    /// The row that the table stands at. `columns`: where each input is (columns_of), in its order.
    void add_row(const CsvReader& table, std::span<const size_t> columns);
    /// The model takes a text a sample, and nothing else.
    bool takes_text() const;
    std::string text_column() const { return column_of_input(inputs_.at(0).input).first; }
    /// Of a model that takes texts: how they become words.
    TokenRule token_rule() const { return inputs_.at(0).how.tokens; }
    /// Where those of CoNLL stand (ColumnPreprocessing::word_column).
    int64_t word_column() const { return inputs_.at(0).how.word_column; }
    /// A row's text, where the model takes one and texts are kept.
    const std::string& kept_text(size_t row) const { return kept_texts_[row]; }
    /// Tells of the texts that came, `source` among all of them: how many were cut, say. Forgets the counts.
    void tell_of_texts(const std::string& source);
    std::vector<size_t> columns_of(const CsvReader& table) const;
    /// What the row that the table stands at is called: by the column that named the rows of the training data, where
    /// it is there and not empty; else by its number.
    std::string name_of_row(const CsvReader& table) const;

    /// What the names of files are called, for a model of pictures or texts: the column that named the rows of the
    /// training data; "" where none did.
    std::string file_id() const { return takes_text() || takes_picture() ? id_ : ""; }

    size_t size() const { return names_.size(); }
    const std::string& name(size_t row) const { return names_[row]; }
    /// A row's picture in its own size, upright; empty where it is none, or where they are not kept.
    const Image& picture(size_t row) const { return pictures_[row]; }
    size_t picture_bytes() const;
    /// How pictures get the model's size.
    ResizeRule resize() const;
    Batch batch(size_t begin, size_t count) const;
    /// After an error of an add: forgets the part of a sample that was added before it.
    void drop_incomplete();
    /// Forgets the first rows.
    void drop(size_t count);

private:
    bool takes_picture() const { return inputs_.size() == 1 && inputs_[0].item.size() == 3; }
    const InputBinding& only_input(const std::string& source) const;
    PictureRule rule_of(const InputBinding& b) const;
    static double cell_number(const InputBinding& b, const CsvReader& table, size_t column);
    [[noreturn]] static void refuse_cell(const InputBinding& b, const CsvReader& table, const std::string& cell);
    /// To all inputs that are made of the column.
    void append_text(const std::string& column, std::string_view text);
    void append_cell(const InputBinding& b, const CsvReader& table, size_t column);
    void append(const InputBinding& b, DType dtype, const std::byte* rows, int64_t n, const std::string& where);

    std::optional<ResizeRule> resize_;
    std::string id_;                   // the column that named the rows of the training data; may be empty
    std::vector<InputBinding> inputs_; // the data inputs, with their preprocessing
    std::map<std::string, std::unordered_map<std::string, int32_t>> categories_; // of each input: the number of a name
    std::map<std::string, TextCounts> texts_;                                    // likewise
    bool keep_pictures_, keep_texts_;
    std::vector<std::string> kept_texts_;                  // of the samples, where they are kept
    std::vector<Image> pictures_;                          // of the samples, where they are kept
    std::vector<std::string> names_;                       // of the samples
    std::map<std::string, std::vector<std::byte>> values_; // of each input
};

} // namespace ds
