// Samples that come as images, arrays or tables, brought into the form of a model's inputs, to be taken in batches.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batcher.h"
#include "data/binding.h"
#include "data/csv.h"
#include "graph/model.h"

namespace ds {

class InputRows {
public:
    /// Error(usage) for a model whose inputs leave a size open.
    explicit InputRows(const Model& model);

    // `name` is the source's, for messages and for the samples' names. Error(data) naming it when it does not fit the
    // model, Error(usage) when the model has more inputs than it can feed.
    void add_image(std::span<const std::byte> bytes, const std::string& name);
    void add_array(std::span<const std::byte> npy, const std::string& name);
    void add_csv(std::string_view text, const std::string& name);

    size_t size() const { return names_.size(); }
    const std::string& name(size_t row) const { return names_[row]; }
    Batch batch(size_t begin, size_t count) const;
    /// Forgets the first rows.
    void drop(size_t count);

private:
    const InputBinding& only_input(const std::string& source) const;
    void append_cell(const InputBinding& b, const CsvTable& table, size_t row, size_t column, const std::string& name);
    void append(const InputBinding& b, DType dtype, const std::byte* rows, int64_t n);

    std::vector<InputBinding> inputs_;                     // the data inputs, with their preprocessing
    std::vector<std::string> names_;                       // of the samples
    std::map<std::string, std::vector<std::byte>> values_; // of each input
};

} // namespace ds
