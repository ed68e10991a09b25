#include "data/batch/binding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "data/batch/alike.h"
#include "data/batch/groups.h"
#include "data/text/documents.h"

namespace ds {
namespace {

std::string columns_of(const DataSource& source) {
    std::string list;
    for (const ColumnInfo& column : source.file().columns())
        list += (list.empty() ? "" : ", ") + column.name + " (" + column.kind + " " + std::string(name(column.dtype)) +
                (column.ragged ? ", ragged" : text(column.item_shape)) + ")";
    return list;
}

Dims item_shape(const Input& input, const Type& type, const Binding& sizes, const std::string& where) {
    Dims item;
    for (size_t i = 1; i < type.shape.size(); ++i) {
        const Dim size = type.shape[i].bind(sizes);
        if (!size.known())
            fail(Exit::usage, "{}: the size {} of input '{}' is not given; see --bind", where, size.text(), input.name);
        item.push_back(size.value());
    }
    return item;
}

/// One symbol, not an expression.
bool is_symbol(const std::string& size) { return size.find_first_of("+-*(,)") == size.npos; }

/// A byte of 0 or 1 for each of some names.
bool is_label_set(const ColumnInfo& column) {
    return column.kind == "target" && column.dtype == DType::u8 && column.item_shape == Dims{std::ssize(column.labels)};
}

bool fits(const ColumnInfo& column, const Input& input, const Dims& item, bool takes_documents) {
    if (column.kind == "id" || column.kind == "split" || column.kind == "weight" || column.kind == "group")
        return false;
    if (is_document(column)) return input.role == InputRole::data && takes_documents;
    if (has_tags(column)) return input.role == InputRole::target && item.size() == 1;
    if (column.ragged || column.kind == "text") return column.kind == "text" && item.size() == 1;
    if (takes_documents) return false;
    if (holds_targets(column.kind) != (input.role == InputRole::target)) return false;
    return column.item_shape == item;
}

/// Columns of tables are told apart by their names alone; pictures, arrays, texts and targets have but one place to go
/// in a model with one input of their role, and may be called otherwise there.
bool may_be_renamed(const Graph& graph, const Input& input, const ColumnInfo& column) {
    if (column.kind == "text") return true;
    if (input.role == InputRole::data && column.item_shape.empty() && !column.ragged) return false;
    return std::ranges::count_if(graph.inputs, [&](const Input& other) {
               return other.role == input.role && other.name != row_numbers && !is_of_groups(other.name);
           }) == 1;
}

int find_column(const DataSource& source, const Graph& graph, const Input& input, const Dims& item, const Type& type,
                bool takes_documents) {
    const auto& columns = source.file().columns();
    if (const int by_name = source.file().find(column_of_input(input.name).first); by_name >= 0) {
        const ColumnInfo& column = columns[size_t(by_name)];
        const bool is_text = column.kind == "text" && item.size() == 1;
        if (takes_documents != is_document(column))
            fail(Exit::data, "{}: column '{}' holds {}, and the model takes {}; import it {} --text {}", source.name(),
                 column.name, takes_documents ? "no texts" : "texts", takes_documents ? "texts" : "none",
                 takes_documents ? "with" : "without", column.name);
        if (takes_documents || (has_tags(column) && item.size() == 1)) return by_name;
        if (!is_text && column.item_shape != item && !(is_label_set(column) && item.size() == 1))
            fail(Exit::data, "{}: column '{}' has rows of shape {}, and the model's input takes {}", source.name(),
                 column.name, text(column.item_shape), text(item));
        return by_name;
    }
    int found = -1, matches = 0;
    for (size_t i = 0; i < columns.size(); ++i)
        if (fits(columns[i], input, item, takes_documents) && may_be_renamed(graph, input, columns[i])) {
            found = int(i);
            ++matches;
        }
    if (matches == 1) return found;
    fail(Exit::data, "{}: {} column for the model's input '{}' ({}); the file has: {}", source.name(),
         matches ? "more than one" : "no", input.name, text(type), columns_of(source));
}

/// Categories by name: the number in the file -> the number in the model, -1 for a name that it does not know.
std::vector<int32_t> match_names(const std::vector<std::string>& file, const std::vector<std::string>& model) {
    if (file.empty() || model.empty() || file == model) return {};
    std::unordered_map<std::string, int32_t> known;
    for (size_t i = 0; i < model.size(); ++i) known[model[i]] = int32_t(i);
    std::vector<int32_t> remap;
    for (const std::string& name : file) {
        const auto found = known.find(name);
        remap.push_back(found == known.end() ? -1 : found->second);
    }
    return remap;
}

/// Every class of the file is one of the model's; categories need only be known where a row has them.
void bind_classes(InputBinding& binding, const ColumnInfo& column, const std::vector<std::string>& labels,
                  const std::string& where) {
    binding.remap = match_names(column.labels, labels);
    for (size_t k = 0; k < binding.remap.size(); ++k)
        if (binding.remap[k] < 0)
            fail(Exit::data, "{}: the model does not know '{}' of column '{}'", where, shown(column.labels[k]),
                 column.name);
}

/// Where a model has class numbers and the file has names (or the other way round) numbers are taken as they are.
void bind_categories(InputBinding& binding, const ColumnInfo& column, const std::vector<std::string>& labels,
                     const std::string& where) {
    if (binding.role == InputRole::target) {
        return bind_classes(binding, column, binding.how.categories.empty() ? labels : binding.how.categories, where);
    }
    const bool model_has_names = !binding.how.categories.empty() || binding.how.unknown >= 0,
               file_has_names = column.kind == "category";
    if (model_has_names && !file_has_names)
        fail(Exit::data, "{}: column '{}' holds numbers and the model takes names; import it with --categorical {}",
             where, column.name, column.name);
    if (file_has_names && binding.how.kind == "number")
        fail(Exit::data, "{}: column '{}' holds names and the model takes numbers; import it without --categorical {}",
             where, column.name, column.name);
    if (!file_has_names) return;
    binding.remap = match_names(column.labels, binding.how.categories);
    if (binding.how.categories.empty()) binding.remap.assign(column.labels.size(), -1); // none is known to the model
    binding.names = column.labels;
}

/// Pixels that were made another way than the model's are told: what is measured on them is no measure of its use.
void compare_pictures(const InputBinding& binding, const ColumnInfo& column, const Preprocessing& in_file,
                      const std::string& where) {
    const auto own = in_file.columns.find(column.name);
    if (own == in_file.columns.end() || !own->second.picture || !binding.how.picture) return;
    if (!agree(*own->second.picture, *binding.how.picture))
        log::warning(fmt::format("{}: its pictures were imported otherwise ({}) than the model takes them ({})", where,
                                 text(*own->second.picture), text(*binding.how.picture)));
}

/// The number as a class, category or token; what does not fit the type is refused and not cut.
template <class To, class From>
To whole(const InputBinding& b, From value) {
    bool fits = true;
    if constexpr (std::is_floating_point_v<From>) // the limits are powers of two, so they are exact
        fits = value == std::trunc(value) && value >= From(std::numeric_limits<To>::min()) &&
               value < -From(std::numeric_limits<To>::min());
    else if constexpr (sizeof(From) > sizeof(To))
        fits = value >= std::numeric_limits<To>::min() && value <= std::numeric_limits<To>::max();
    if (!fits) fail(Exit::data, "input '{}' takes whole numbers, and the data has {}", b.input, value);
    return To(value);
}

/// Classes and categories as the model numbers them. The classes 0 and 1 of a binary model come as floats.
template <class To>
void take_names(const InputBinding& b, int64_t n, To* values) {
    for (int64_t i = 0; i < n; ++i) {
        const To value = values[i];
        if (value < 0) continue; // a target that is ignored; a category is refused where it is looked up
        const size_t k = size_t(whole<int64_t>(b, value));
        if (k >= b.remap.size())
            fail(Exit::data, "input '{}': the data has class {} and names for {}", b.input, k, b.remap.size());
        values[i] = To(b.remap[k] >= 0 ? b.remap[k] : b.how.unknown);
        if (values[i] < 0)
            fail(Exit::data, "the model does not know the {} '{}'", b.input,
                 k < b.names.size() ? shown(b.names[k]) : std::to_string(k));
    }
}

/// A rectifier that is fused into the layer before it makes 0 of NaN: the model would answer as if nothing were wrong.
template <class To>
void require_finite(const InputBinding& b, const To* values, int64_t count) {
    const bool nan_is_seen = b.role == InputRole::data && b.how.missing == Missing::seen;
    int64_t bad = 0; // counted without a branch, so that the compiler takes several at once
    for (int64_t i = 0; i < count; ++i) bad += !(std::abs(values[i]) <= std::numeric_limits<To>::max());
    if (bad == 0) return;
    const auto is_bad = [&](To v) { return !std::isfinite(v) && !(nan_is_seen && std::isnan(v)); };
    const To* first = std::find_if(values, values + count, is_bad);
    if (first != values + count)
        fail(Exit::data, "input '{}' takes finite numbers, and the data has {}; leave such rows out", b.input, *first);
}

template <class From, class To>
void convert(const InputBinding& b, const From* from, int64_t count, To* to) {
    const int64_t item = ds::count(b.item), channels = std::max<size_t>(1, b.how.mean.size()),
                  per_channel = std::max<int64_t>(1, item / channels);
    if constexpr (std::is_floating_point_v<To>) {
        const bool standardise = !b.how.mean.empty() && b.role == InputRole::data;
        for (int64_t n = 0; n < count; ++n)
            for (int64_t c = 0; c < channels; ++c) {
                const double divide = b.role == InputRole::data ? b.how.divide : 1;
                const double mean = standardise ? b.how.mean[size_t(c)] : 0,
                             std = standardise ? b.how.std[size_t(c)] : 1;
                const From* x = from + n * item + c * per_channel;
                To* y = to + n * item + c * per_channel;
                if constexpr (sizeof(From) == sizeof(double)) { // may be far from 0 and close together
                    for (int64_t i = 0; i < per_channel; ++i) y[i] = To((double(x[i]) / divide - mean) / std);
                } else {
                    const To factor = To(1 / (divide * std)), offset = To(-mean / std);
                    for (int64_t i = 0; i < per_channel; ++i) y[i] = To(x[i]) * factor + offset;
                }
            }
        if (b.role == InputRole::data && b.how.missing == Missing::mean) // the mean, standardised, is 0
            for (int64_t i = 0; i < count * item; ++i)
                if (std::isnan(to[i])) to[i] = 0;
        if constexpr (std::is_floating_point_v<From>) require_finite(b, to, count * item);
    } else {
        for (int64_t i = 0; i < count * item; ++i)
            to[i] = b.is_mask && from[i] == From(ignored_pixel) ? To(ignored_class) : whole<To>(b, from[i]);
    }
    if (!b.remap.empty()) take_names(b, count * item, to);
}

/// The file's labels in the places that the model has for them.
std::vector<std::byte> arranged(const InputBinding& b, const std::byte* rows, int64_t count) {
    const size_t here = b.remap.size(), there = size_t(ds::count(b.item));
    std::vector<std::byte> all(size_t(count) * there);
    for (size_t i = 0; i < size_t(count) * here; ++i) all[i / here * there + size_t(b.remap[i % here])] = rows[i];
    return all;
}

template <class From>
void convert_from(const InputBinding& b, const std::byte* rows, int64_t count, std::byte* to) {
    const From* from = reinterpret_cast<const From*>(rows);
    switch (b.dtype) {
    case DType::f32: return convert(b, from, count, reinterpret_cast<float*>(to));
    case DType::f64: return convert(b, from, count, reinterpret_cast<double*>(to));
    case DType::i32: return convert(b, from, count, reinterpret_cast<int32_t*>(to));
    case DType::i64: return convert(b, from, count, reinterpret_cast<int64_t*>(to));
    default: fail(Exit::data, "input '{}' is {}, which no data column becomes", b.input, name(b.dtype));
    }
}

} // namespace

Binding sizes_of_data(const Graph& graph, const DataSource& source, Binding given) {
    for (const Input& input : graph.inputs) {
        const int found = source.file().find(input.name);
        if (found < 0) continue;
        const ColumnInfo& column = source.file().columns()[size_t(found)];
        const Shape& shape = graph.type(input.value).shape;
        if (column.ragged || column.item_shape.size() + 1 != shape.size()) continue;
        for (size_t i = 1; i < shape.size(); ++i) {
            const std::string symbol = shape[i].text();
            if (shape[i].known() || !is_symbol(symbol)) continue;
            const int64_t size = column.item_shape[i - 1];
            const int64_t decided = given.emplace(symbol, size).first->second;
            if (decided != size)
                fail(Exit::data, "{}: column '{}' has rows of shape {}, and the model's {} is {}", source.name(),
                     column.name, text(column.item_shape), symbol, decided);
        }
    }
    return given;
}

std::pair<std::string, TokenFeature> column_of_input(const std::string& input) {
    const size_t border = input.rfind('/');
    const auto found = std::ranges::find(token_feature_names, border == input.npos ? "" : input.substr(border + 1));
    if (found == token_feature_names.end()) return {input, TokenFeature::word};
    return {input.substr(0, border), TokenFeature(found - token_feature_names.begin())};
}

bool is_of_pixels(const InputBinding& binding) {
    return binding.role == InputRole::target && binding.dtype == DType::i32 && binding.item.size() == 2;
}

/// Bindings are copied, and their words are many.
static void take_words(InputBinding& binding, const std::string& where) {
    if (binding.dtype != DType::i32 || binding.item.size() != 1)
        fail(Exit::data, "{}: the model's input '{}' takes texts, and is not i32 [N, words]", where, binding.input);
    if (binding.feature != TokenFeature::word) binding.how.words.clear();
    binding.vocabulary = shared_vocabulary(binding.how.tokens, std::move(binding.how.words));
    binding.how.words.clear();
}

void take_preprocessing(InputBinding& binding, const Preprocessing& preprocessing, const std::string& where) {
    const auto [name, feature] = column_of_input(binding.input);
    const auto known = preprocessing.columns.find(name);
    binding.feature = feature;
    if (known == preprocessing.columns.end()) return;
    binding.how = known->second;
    if (binding.how.kind == "document") take_words(binding, where);
    const size_t channels = binding.how.mean.size(), elements = size_t(count(binding.item));
    if (channels > 0 && elements % channels != 0)
        fail(Exit::data, "{}: input '{}' {} cannot be standardised by means of {} channels", where, binding.input,
             text(binding.item), channels);
}

/// The column of groups, whatever its name.
static InputBinding bind_groups(const Input& input, const DataSource& source) {
    InputBinding binding;
    binding.input = input.name;
    binding.role = input.role;
    binding.dtype = DType::i32;
    binding.item = {2};
    binding.is_group = true;
    binding.column = group_column(source);
    if (binding.column < 0)
        fail(Exit::data,
             "{}: the model ranks the rows of a group ('{}'), and no column says which those are; import it with "
             "--group COLUMN",
             source.name(), input.name.substr(groups_of.size()));
    return binding;
}

std::vector<InputBinding> bind_inputs(const Graph& graph, const DataSource& source, const Preprocessing& preprocessing,
                                      const std::vector<std::string>& labels, const Binding& sizes, bool need_target) {
    std::vector<InputBinding> bindings;
    const Preprocessing in_file = source.preprocessing();
    for (const Input& input : graph.inputs) {
        if (input.role == InputRole::control || input.role == InputRole::weight) continue;
        if (input.role == InputRole::target && !need_target) continue;
        if (input.name == row_numbers || is_of_alike(input.name)) { // each batch reads no column for it
            InputBinding binding;
            binding.input = input.name;
            binding.role = input.role;
            binding.dtype = DType::i32;
            if (is_of_alike(input.name)) binding.item = {2};
            binding.column = bindings.empty() ? 0 : bindings.front().column;
            binding.is_group = true;
            bindings.push_back(std::move(binding));
            continue;
        }
        if (is_of_groups(input.name)) {
            bindings.push_back(bind_groups(input, source));
            continue;
        }
        const Type& type = graph.type(input.value);
        InputBinding binding;
        binding.input = input.name;
        binding.role = input.role;
        binding.dtype = type.dtype;
        binding.item = item_shape(input, type, sizes, source.name());
        take_preprocessing(binding, preprocessing, source.name());
        binding.column = find_column(source, graph, input, binding.item, type, binding.vocabulary != nullptr);
        const ColumnInfo& column = source.file().columns()[size_t(binding.column)];
        binding.is_text = column.kind == "text";
        binding.is_tags = has_tags(column);
        binding.is_mask = column.kind == "mask";
        binding.text_shift = binding.is_text && input.role == InputRole::target ? 1 : 0;
        compare_pictures(binding, column, in_file, source.name());
        bind_categories(binding, column, labels, source.name());
        if (column.item_shape != binding.item && is_label_set(column) && binding.remap.empty())
            fail(Exit::data, "{}: target '{}' has {} labels and the model {}, without names to tell which are which",
                 source.name(), column.name, text(column.item_shape), text(binding.item));
        bindings.push_back(std::move(binding));
    }
    return bindings;
}

void convert_rows(const InputBinding& binding, const ColumnInfo& column, const std::byte* rows, int64_t count,
                  std::byte* to) {
    if (is_label_set(column) && !binding.remap.empty()) {
        InputBinding plain = binding;
        plain.remap.clear();
        return convert_from<uint8_t>(plain, arranged(binding, rows, count).data(), count, to);
    }
    switch (column.dtype) {
    case DType::u8: return convert_from<uint8_t>(binding, rows, count, to);
    case DType::i8: return convert_from<int8_t>(binding, rows, count, to);
    case DType::i32: return convert_from<int32_t>(binding, rows, count, to);
    case DType::i64: return convert_from<int64_t>(binding, rows, count, to);
    case DType::f32: return convert_from<float>(binding, rows, count, to);
    case DType::f64: return convert_from<double>(binding, rows, count, to);
    default: fail(Exit::data, "column '{}' is {}, which cannot feed a model", column.name, name(column.dtype));
    }
}

void convert_file_rows(const DataSource& source, const InputBinding& binding, std::span<const int64_t> rows,
                       const std::byte* raw, std::byte* to) {
    const ColumnInfo& column = source.file().columns()[size_t(binding.column)];
    try {
        convert_rows(binding, column, raw, int64_t(rows.size()), to);
    } catch (const Error&) { // which row it was is asked only now
        const int64_t step = column.item_bytes();
        for (size_t r = 0; r < rows.size(); ++r) try {
                convert_rows(binding, column, raw + int64_t(r) * step, 1, to);
            } catch (const Error& error) {
                fail(error.code(), "{}: {}: {}", source.name(), source.row_place(rows[r]), error.what());
            }
        throw;
    }
}

} // namespace ds
