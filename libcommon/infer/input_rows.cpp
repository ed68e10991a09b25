#include "infer/input_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/names.h"
#include "data/format/npy.h"
#include "data/picture/rule.h"
#include "data/text/lines.h"

namespace ds {
namespace {

std::string line_of(const CsvReader& table) { return fmt::format("{}: line {}", table.source(), table.line()); }

} // namespace

InputRows::InputRows(const Model& model, std::optional<ResizeRule> resize, bool keep_pictures, bool keep_texts)
    : resize_(resize), keep_pictures_(keep_pictures), keep_texts_(keep_texts) {
    const Preprocessing preprocessing = Preprocessing::from_json(model.preprocessing_json, model.source);
    for (const auto& [name, column] : preprocessing.columns)
        if (column.kind == "id" && id_.empty()) id_ = name;
    for (const Input& input : model.graph.inputs) {
        if (input.role != InputRole::data) continue;
        InputBinding binding;
        binding.input = input.name;
        const Type& type = model.graph.type(input.value);
        binding.dtype = type.dtype;
        for (size_t i = 1; i < type.shape.size(); ++i) {
            if (!type.shape[i].known())
                fail(Exit::usage, "input '{}' has an open size {}", input.name, type.shape[i].text());
            binding.item.push_back(type.shape[i].value());
        }
        take_preprocessing(binding, preprocessing, model.source);
        if (resize_ && binding.how.picture && binding.how.picture->resize != ResizeRule::none)
            fail(Exit::usage, "{} says itself how pictures get its size ({}); --resize is for models that do not",
                 model.source, text(*binding.how.picture));
        if (binding.how.kind == "category" && binding.how.unknown >= 0) categories_[binding.input]; // maybe of no names
        for (const std::string& category : binding.how.categories)
            categories_[binding.input].try_emplace(category, int32_t(categories_[binding.input].size()));
        inputs_.push_back(std::move(binding));
    }
    if (resize_ && !takes_picture())
        fail(Exit::usage, "--resize is for models that take one picture; {} takes other inputs", model.source);
}

const InputBinding& InputRows::only_input(const std::string& source) const {
    if (inputs_.size() != 1)
        fail(Exit::usage, "{}: the model has {} inputs; give a data file or CSV with a column for each", source,
             inputs_.size());
    return inputs_[0];
}

void InputRows::add_image(std::span<const std::byte> bytes, const std::string& name) {
    const InputBinding& b = only_input(name);
    if (b.vocabulary) fail(Exit::data, "{}: the model takes texts, not an image", name);
    if (b.item.size() != 3) fail(Exit::data, "{}: the model takes {}, not an image", name, ds::text(b.item));
    const PictureRule rule = rule_of(b);
    if (rule.channels != b.item[0]) fail(Exit::data, "{}: the model takes images of {} channels", name, b.item[0]);
    Image own = upright_picture(bytes, name, rule);
    const Image image = sized(own, rule, b.item[1], b.item[2]);
    if (image.height != b.item[1] || image.width != b.item[2])
        fail(
            Exit::data,
            "{} is {} x {} and the model takes {} x {}, without a rule for other sizes: its training pictures were not "
            "resized by ds-data import images; give --resize",
            name, image.height, image.width, b.item[1], b.item[2]);
    append(b, DType::u8, reinterpret_cast<const std::byte*>(image.pixels.data()), 1, name);
    names_.push_back(name);
    pictures_.resize(names_.size());
    if (keep_pictures_) pictures_.back() = std::move(own);
}

bool InputRows::takes_text() const {
    return !inputs_.empty() && std::ranges::all_of(inputs_, [this](const InputBinding& b) {
        return b.vocabulary && column_of_input(b.input).first == text_column();
    });
}

void InputRows::add_text(std::string_view text, const std::string& name) {
    if (!takes_text()) fail(Exit::usage, "{}: the model takes other inputs than a text", name);
    append_text(text_column(), checked_text(text, name));
    names_.push_back(name);
    pictures_.resize(names_.size());
}

void InputRows::append_text(const std::string& column, std::string_view text) {
    for (const InputBinding& b : inputs_) {
        if (!b.vocabulary || column_of_input(b.input).first != column) continue;
        std::vector<int32_t> numbers(size_t(b.item[0]));
        const Vocabulary::Numbered done = b.vocabulary->write(text, numbers, b.feature);
        if (b.feature == TokenFeature::word) texts_[b.input].add(done, b.item[0]);
        const auto bytes = std::as_bytes(std::span(numbers));
        std::vector<std::byte>& all = values_[b.input];
        all.insert(all.end(), bytes.begin(), bytes.end());
    }
    if (keep_texts_) kept_texts_.emplace_back(text);
}

void InputRows::tell_of_texts(const std::string& source) {
    for (const InputBinding& b : inputs_)
        if (b.vocabulary) texts_[b.input].tell(fmt::format("{}: '{}'", source, b.input), b.item[0]);
    texts_.clear();
}

/// What the model carries. One whose data came from elsewhere (arrays, IDX, an older ds-tools) takes the pixels of a
/// file as they are stored; with --resize they are sized and turned upright as an import would.
PictureRule InputRows::rule_of(const InputBinding& b) const {
    PictureRule rule;
    rule.channels = b.item[0] == 1 ? 1 : 3;
    rule.upright = resize_.has_value();
    if (b.how.picture) rule = *b.how.picture;
    if (resize_) rule.resize = *resize_;
    return rule;
}

void InputRows::add_array(std::span<const std::byte> npy, const std::string& name) {
    const NpyArray array = parse_npy(npy, name);
    const InputBinding& b = only_input(name);
    const Dims& shape = array.shape;
    const bool one = shape == b.item, many = !shape.empty() && Dims(shape.begin() + 1, shape.end()) == b.item;
    if (!one && !many)
        fail(Exit::data, "{}: an array {} where the model takes [n,...] of {}", name, ds::text(shape),
             ds::text(b.item));
    const int64_t rows = one ? 1 : shape[0];
    const DType dtype = array.dtype == DType::boolean ? DType::u8 : array.dtype; // as an import stores them
    append(b, dtype, array.data.data(), rows, name);
    for (int64_t i = 0; i < rows; ++i) names_.push_back(one ? name : fmt::format("{}[{}]", name, i));
    pictures_.resize(names_.size());
}

std::vector<size_t> InputRows::columns_of(const CsvReader& table) const {
    std::vector<size_t> columns;
    for (const InputBinding& b : inputs_) {
        if (!b.item.empty() && !b.vocabulary)
            fail(Exit::data, "{}: the model's input '{}' takes {}, not a number of a CSV column", table.source(),
                 b.input, ds::text(b.item));
        const std::string name = column_of_input(b.input).first;
        const int column = table.find(name);
        if (column < 0)
            fail(Exit::data, "{}: there is no column '{}'; there are: {}", table.source(), name, table.columns());
        columns.push_back(size_t(column));
    }
    return columns;
}

void InputRows::add_row(const CsvReader& table, std::span<const size_t> columns) {
    for (size_t i = 0; i < inputs_.size(); ++i) append_cell(inputs_[i], table, columns[i]);
    names_.push_back(name_of_row(table));
    pictures_.resize(names_.size());
}

std::string InputRows::name_of_row(const CsvReader& table) const {
    const int id = id_.empty() ? -1 : table.find(id_);
    if (id >= 0 && !table.row()[size_t(id)].empty()) return table.row()[size_t(id)];
    return fmt::format("{}[{}]", table.source(), table.rows_read() - 1);
}

void InputRows::append_cell(const InputBinding& b, const CsvReader& table, size_t column) {
    if (b.vocabulary) {
        const auto [name, feature] = column_of_input(b.input);
        const bool missing = std::ranges::count(b.how.missing_words, table.row()[column]) > 0;
        if (feature == TokenFeature::word) append_text(name, missing ? "" : table.row()[column]);
        return;
    }
    const auto names = categories_.find(b.input);
    if (names == categories_.end()) {
        const double number = cell_number(b, table, column);
        if (b.how.wide) return append(b, DType::f64, reinterpret_cast<const std::byte*>(&number), 1, line_of(table));
        const auto stored = float(number); // as the rows were that the model learned from
        return append(b, DType::f32, reinterpret_cast<const std::byte*>(&stored), 1, line_of(table));
    }
    const bool missing = std::ranges::count(b.how.missing_words, table.row()[column]) > 0;
    const auto found = names->second.find(missing ? "" : table.row()[column]);
    const int32_t code = found == names->second.end() ? int32_t(b.how.unknown) : found->second;
    if (code < 0)
        fail(Exit::data, "{}: line {}: the model does not know the {} '{}'", table.source(), table.line(), b.input,
             shown(table.row()[column]));
    append(b, DType::i32, reinterpret_cast<const std::byte*>(&code), 1, line_of(table));
}

/// As an import reads the cell: a number, a date as days, NaN where it is missing.
double InputRows::cell_number(const InputBinding& b, const CsvReader& table, size_t column) {
    const std::string& cell = table.row()[column];
    if (std::ranges::count(b.how.missing_words, cell) > 0) {
        if (b.how.missing != Missing::refused) return NAN;
        fail(Exit::data, "{}: line {}: column '{}' is missing, and the model has no place for that", table.source(),
             table.line(), b.input);
    }
    double number = 0;
    const bool fits =
        b.how.date ? parse_csv_date(cell, number) : parse_csv_number(cell, number, b.how.decimal_comma ? ',' : '.');
    if (!fits) refuse_cell(b, table, cell);
    return number;
}

void InputRows::refuse_cell(const InputBinding& b, const CsvReader& table, const std::string& cell) {
    const std::string where = fmt::format("{}: line {}: column '{}'", table.source(), table.line(), b.input);
    const std::vector<std::string>& words = b.how.missing_words;
    if (cell.empty() && !words.empty() && b.how.missing != Missing::refused)
        fail(Exit::data, "{} is empty, and the model takes '{}' for a missing value; write that there", where,
             fmt::join(words, "' or '"));
    if (cell.empty()) fail(Exit::data, "{} is empty, and the model has no place for a missing value", where);
    if (b.how.date)
        fail(Exit::data, "{} has '{}', which is no date; the model takes dates such as 2024-02-29", where, shown(cell));
    double ignored = 0;
    const bool other_sign = parse_csv_number(cell, ignored, b.how.decimal_comma ? '.' : ',');
    fail(Exit::data, "{} has '{}', which is no finite number{}", where, shown(cell),
         other_sign ? fmt::format("; the model takes fractions behind a {}", b.how.decimal_comma ? "comma" : "point")
                    : "");
}

void InputRows::append(const InputBinding& b, DType dtype, const std::byte* rows, int64_t n, const std::string& where) {
    ColumnInfo column;
    column.dtype = dtype;
    std::vector<std::byte>& all = values_[b.input];
    const size_t before = all.size();
    all.resize(before + size_t(bytes(b.dtype, b.item) * n));
    try {
        convert_rows(b, column, rows, n, all.data() + before);
    } catch (const Error& error) {
        all.resize(before);
        fail(error.code(), "{}: {}", where, error.what());
    }
}

Batch InputRows::batch(size_t begin, size_t count) const {
    Batch batch;
    batch.size = int64_t(count);
    for (const InputBinding& b : inputs_) {
        Dims shape = b.item;
        shape.insert(shape.begin(), batch.size);
        Tensor tensor(b.dtype, shape);
        const size_t item = size_t(bytes(b.dtype, b.item));
        std::memcpy(tensor.data(), values_.at(b.input).data() + begin * item, tensor.byte_size());
        batch.inputs[b.input] = std::move(tensor);
    }
    return batch;
}

size_t InputRows::picture_bytes() const {
    size_t bytes = 0;
    for (const Image& picture : pictures_) bytes += picture.pixels.size();
    return bytes;
}

ResizeRule InputRows::resize() const { return takes_picture() ? rule_of(inputs_[0]).resize : ResizeRule::none; }

void InputRows::drop_incomplete() {
    for (const InputBinding& b : inputs_) values_[b.input].resize(names_.size() * size_t(bytes(b.dtype, b.item)));
    if (keep_texts_) kept_texts_.resize(names_.size());
}

void InputRows::drop(size_t count) {
    names_.erase(names_.begin(), names_.begin() + int64_t(count));
    pictures_.erase(pictures_.begin(), pictures_.begin() + int64_t(count));
    if (keep_texts_) kept_texts_.erase(kept_texts_.begin(), kept_texts_.begin() + int64_t(count));
    for (const InputBinding& b : inputs_) {
        std::vector<std::byte>& all = values_[b.input];
        all.erase(all.begin(), all.begin() + int64_t(count) * bytes(b.dtype, b.item));
    }
}

} // namespace ds
