#include "run/predict.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/atomic_file.h"
#include "base/error.h"
#include "data/csv.h"
#include "data/image.h"
#include "data/npy.h"
#include "run/evaluator.h"

namespace ds {
namespace {

/// What a model takes: its data inputs with their preprocessing.
struct Target {
    std::vector<InputBinding> bindings;
    const InputBinding& only(const std::string& source) const {
        if (bindings.size() != 1)
            fail(Exit::usage, "{}: the model has {} inputs; give a data file or CSV with a column for each", source,
                 bindings.size());
        return bindings[0];
    }
};

Target inputs_of(const Model& model) {
    const Preprocessing preprocessing = Preprocessing::from_json(model.preprocessing_json, model.source);
    Target target;
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
        const auto found = preprocessing.columns.find(input.name);
        if (found != preprocessing.columns.end()) binding.how = found->second;
        target.bindings.push_back(std::move(binding));
    }
    return target;
}

class Predictor {
public:
    Predictor(const Model& model, const PredictRequest& request)
        : model_(model), request_(request), target_(inputs_of(model)), inference_(model, {"logits"}, options()) {
        predictions_.task = model.task;
        predictions_.labels = model.labels;
    }
    Predictions run() {
        for (const std::string& path : request_.inputs) add(path);
        flush();
        inference_.tell_profile();
        return std::move(predictions_);
    }

private:
    EvalOptions options() const {
        EvalOptions options;
        options.controls = request_.controls;
        options.batch = request_.batch;
        return options;
    }
    /// Opens the input once: a pipe gives its bytes only once, and a data file may be too large for memory.
    void add(const std::string& spec) {
        const auto [path, split] = split_spec(spec);
        Source source(path, true);
        const std::string head = source.head(16), name = base_name(source.name());
        if (head.starts_with("\x89HDF") || head.starts_with("ds-tools")) return add_data(std::move(source), split);
        if (!split.empty()) fail(Exit::data, "{}: not a data file, so it has no split '{}'", name, split);
        const std::vector<std::byte> bytes = source.take(uint64_t{8} << 30);
        const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (text.starts_with("\x93NUMPY")) return add_array(parse_npy(bytes, name), name);
        if (looks_like_image(text)) return add_image(bytes, name);
        if (text.find('\n') != text.npos && text.find('\0') == text.npos) return add_csv(text, name);
        fail(Exit::data, "{}: neither an image, nor .npy, nor CSV, nor a data file", name);
    }
    static bool looks_like_image(std::string_view b) {
        return b.starts_with("\x89PNG") || b.starts_with("\xff\xd8\xff") ||
               (b.size() > 2 && b[0] == 'P' && std::strchr("2356", b[1]) &&
                std::isspace(static_cast<unsigned char>(b[2])));
    }
    void add_data(Source file, const std::string& split) {
        flush();
        const auto source = std::make_shared<const DataSource>(std::move(file), split);
        const Preprocessing preprocessing = Preprocessing::from_json(model_.preprocessing_json, model_.source);
        BatchOptions batches;
        batches.batch = request_.batch;
        batches.shuffle = false;
        batches.epochs = 1;
        Batcher batcher(source, bind_inputs(model_.graph, *source, preprocessing, model_.labels, {}, false), batches);
        while (const Batch* batch = batcher.next()) {
            for (int64_t s : batch->sample) predictions_.sources.push_back(fmt::format("{}[{}]", source->name(), s));
            collect(*batch);
        }
    }
    void add_image(std::span<const std::byte> bytes, const std::string& name) {
        const InputBinding& b = target_.only(name);
        if (b.item.size() != 3) fail(Exit::data, "{}: the model takes {}, not an image", name, ds::text(b.item));
        const Image image =
            resize(decode_image(bytes, name, b.item[0] == 1 ? 1 : 3), b.item[1], b.item[2], ResizeRule::fit);
        if (image.channels != b.item[0]) fail(Exit::data, "{}: the model takes images of {} channels", name, b.item[0]);
        ColumnInfo column;
        column.dtype = DType::u8;
        append(b, column, reinterpret_cast<const std::byte*>(image.pixels.data()), 1, {name});
    }
    void add_array(const NpyArray& array, const std::string& name) {
        const InputBinding& b = target_.only(name);
        const Dims shape = array.shape;
        const bool one = shape == b.item, many = !shape.empty() && Dims(shape.begin() + 1, shape.end()) == b.item;
        if (!one && !many)
            fail(Exit::data, "{}: an array {} where the model takes [n,...] of {}", name, ds::text(shape),
                 ds::text(b.item));
        ColumnInfo column;
        column.dtype = array.dtype;
        const int64_t rows = one ? 1 : shape[0];
        std::vector<std::string> names;
        for (int64_t i = 0; i < rows; ++i) names.push_back(one ? name : fmt::format("{}[{}]", name, i));
        append(b, column, array.data.data(), rows, names);
    }
    void add_csv(std::string_view text, const std::string& name) {
        const CsvTable table = parse_csv(text, name);
        for (const InputBinding& b : target_.bindings) {
            if (!b.item.empty())
                fail(Exit::data, "{}: the model's input '{}' takes {}, not a number of a CSV column", name, b.input,
                     ds::text(b.item));
            const int column = table.find(b.input);
            if (column < 0)
                fail(Exit::data, "{}: there is no column '{}'; there are: {}", name, b.input, table.names());
            for (size_t row = 0; row < table.rows.size(); ++row) append_value(b, table, size_t(column), row, name);
        }
        for (size_t row = 0; row < table.rows.size(); ++row) pending_.push_back(fmt::format("{}[{}]", name, row));
        flush();
    }
    void append_value(const InputBinding& b, const CsvTable& table, size_t column, size_t row,
                      const std::string& name) {
        const std::string& cell = table.rows[row][column];
        ColumnInfo info;
        if (!b.how.categories.empty()) {
            const auto found = std::find(b.how.categories.begin(), b.how.categories.end(), cell);
            if (found == b.how.categories.end())
                fail(Exit::data, "{}: row {}: the model does not know the {} '{}'", name, row + 1, b.input, cell);
            const int32_t number = int32_t(found - b.how.categories.begin());
            info.dtype = DType::i32;
            append(b, info, reinterpret_cast<const std::byte*>(&number), 1, {});
            return;
        }
        const double number = table.number(row, column, name);
        info.dtype = DType::f64;
        append(b, info, reinterpret_cast<const std::byte*>(&number), 1, {});
    }
    void append(const InputBinding& b, const ColumnInfo& column, const std::byte* rows, int64_t n,
                std::vector<std::string> names) {
        const size_t item = size_t(bytes(b.dtype, b.item));
        std::vector<std::byte>& all = rows_[b.input];
        const size_t before = all.size();
        all.resize(before + item * size_t(n));
        convert_rows(b, column, rows, n, all.data() + before);
        pending_.insert(pending_.end(), std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
    }
    /// Runs what has come together, in batches.
    void flush() {
        for (size_t at = 0; at < pending_.size(); at += size_t(request_.batch)) {
            Batch batch;
            batch.size = int64_t(std::min(pending_.size() - at, size_t(request_.batch)));
            for (const InputBinding& b : target_.bindings) {
                Dims shape = b.item;
                shape.insert(shape.begin(), batch.size);
                Tensor tensor(b.dtype, shape);
                std::memcpy(tensor.data(), rows_.at(b.input).data() + at * size_t(bytes(b.dtype, b.item)),
                            tensor.byte_size());
                batch.inputs[b.input] = std::move(tensor);
            }
            predictions_.sources.insert(predictions_.sources.end(), pending_.begin() + int64_t(at),
                                        pending_.begin() + int64_t(at) + batch.size);
            collect(batch);
        }
        pending_.clear();
        rows_.clear();
    }
    void collect(const Batch& batch) {
        const TensorView logits = inference_.run(batch).output("logits");
        predictions_.item.assign(logits.shape.begin() + 1, logits.shape.end());
        predictions_.outputs.insert(predictions_.outputs.end(), logits.as<float>(), logits.as<float>() + logits.size());
    }

    const Model& model_;
    const PredictRequest& request_;
    const Target target_;
    Inference inference_;
    Predictions predictions_;
    std::vector<std::string> pending_;                   // names of samples that wait
    std::map<std::string, std::vector<std::byte>> rows_; // their inputs
};

} // namespace

Predictions predict(const Model& model, const PredictRequest& request) {
    if (model.task == "text") fail(Exit::usage, "{} is a model for text: give --prompt", model.source);
    if (request.inputs.empty()) fail(Exit::usage, "there is nothing to predict: give images, .npy, CSV or data files");
    return Predictor(model, request).run();
}

std::string Predictions::label(int64_t k) const {
    return size_t(k) < labels.size() ? labels[size_t(k)] : std::to_string(k);
}

std::vector<std::pair<int64_t, double>> Predictions::likeliest(int64_t sample, int64_t k) const {
    const int64_t n = count(item);
    const float* x = outputs.data() + sample * n;
    const double top = double(*std::max_element(x, x + n));
    std::vector<std::pair<int64_t, double>> all;
    double sum = 0;
    for (int64_t c = 0; c < n; ++c) {
        all.emplace_back(c, std::exp(double(x[c]) - top));
        sum += all.back().second;
    }
    for (auto& [c, p] : all) p /= sum;
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    all.resize(size_t(std::min(k, n)));
    return all;
}

std::string Predictions::text(int64_t top) const {
    std::string out;
    const int64_t n = count(item);
    for (int64_t s = 0; s < samples(); ++s) {
        out += sources[size_t(s)] + ":";
        if (task == "classification") {
            const auto best = likeliest(s, top);
            for (size_t i = 0; i < best.size(); ++i)
                out += fmt::format("{} {} {:.2f} %", i ? "," : "", label(best[i].first), 100 * best[i].second);
        } else {
            for (int64_t i = 0; i < n; ++i) {
                const double x = double(outputs[size_t(s * n + i)]);
                out += fmt::format(" {:.6g}", task == "binary" ? 1 / (1 + std::exp(-x)) : x);
            }
        }
        out += "\n";
    }
    return out;
}

Json Predictions::json(int64_t top) const {
    Json all = Json::array();
    const int64_t n = count(item);
    for (int64_t s = 0; s < samples(); ++s) {
        Json one = Json::object();
        one.set("sample", sources[size_t(s)]);
        if (task == "classification") {
            Json best = Json::array();
            for (const auto& [k, p] : likeliest(s, top)) {
                Json entry = Json::object();
                best.push(entry.set("class", label(k)).set("probability", p));
            }
            one.set("top", best);
        } else if (task == "binary") {
            one.set("probability", 1 / (1 + std::exp(-double(outputs[size_t(s)]))));
        } else {
            one.set("value", std::vector<float>(outputs.begin() + s * n, outputs.begin() + (s + 1) * n));
        }
        all.push(one);
    }
    return all;
}

std::string Predictions::npy() const {
    Dims shape = item;
    shape.insert(shape.begin(), samples());
    return encode_npy(DType::f32, shape, std::as_bytes(std::span(outputs)));
}

} // namespace ds
