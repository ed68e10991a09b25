// Which column of a data file feeds which input of a model, and how rows become the input's elements.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/batch/source.h"
#include "data/text/words.h"
#include "graph/graph.h"

namespace ds {

struct InputBinding {
    std::string input; // the model input's name
    InputRole role = InputRole::data;
    DType dtype = DType::f32; // of the input
    Dims item;                // of one sample; [T] for text
    int column = -1;
    ColumnPreprocessing how;
    std::vector<int32_t> remap; // category or class of the file -> of the model, -1 where it has none; empty: the same
    std::vector<std::string> names; // of the file's categories, where there is a remap
    int64_t text_shift = 0;         // text: 0 for tokens, 1 for the token that follows
    bool is_text = false;
    bool is_tags = false;                      // a class for each word of a text; ignored_class behind its end
    TokenFeature feature = TokenFeature::word; // of texts: what is told of a word
    std::shared_ptr<const Vocabulary> vocabulary =
        nullptr;           // of texts, one a row (text/documents.h); null: it takes none
    bool is_group = false; // numbers of the groups that rows are in, of the rows, or of those alike (groups.h, alike.h)
    bool is_mask = false;  // its bytes are classes of pixels, of which 255 becomes ignored_class
};

/// Whether the input takes a class for each pixel [H,W]: augmentation moves it with the image.
bool is_of_pixels(const InputBinding& binding);

/// Binds every data and target input of the graph: by name; else the only column of fitting kind and shape. Sizes that
/// a sample's shape leaves open ([N,T]: T) are taken from `sizes`. Error(data) naming the input, what it takes and what
/// the file has. `labels`: the model's class names; when both have names and they differ, classes are matched by name.
/// Targets may be left out when `need_target` is false.
std::vector<InputBinding> bind_inputs(const Graph& graph, const DataSource& source, const Preprocessing& preprocessing,
                                      const std::vector<std::string>& labels, const Binding& sizes, bool need_target);

/// `given`, and the sizes that the data decide: those of columns named like the input that leaves them open.
/// Error(data) where two columns decide otherwise.
Binding sizes_of_data(const Graph& graph, const DataSource& source, Binding given);

/// The column that an input is made of, and what is told of its words: "tokens/suffix" is of "tokens".
std::pair<std::string, TokenFeature> column_of_input(const std::string& input);

/// What the model does to this input before it sees it. Error(data) where its statistics do not fit the input's shape.
void take_preprocessing(InputBinding& binding, const Preprocessing& preprocessing, const std::string& where);

/// Converts `count` rows as the file has them to the input's elements, preprocessed. `to` has room for count samples.
/// Error(data) for a number that an input of whole numbers cannot take.
void convert_rows(const InputBinding& binding, const ColumnInfo& column, const std::byte* rows, int64_t count,
                  std::byte* to);

/// As convert_rows, of these rows of the source's file; the error names the file and the first bad row.
void convert_file_rows(const DataSource& source, const InputBinding& binding, std::span<const int64_t> rows,
                       const std::byte* raw, std::byte* to);

} // namespace ds
