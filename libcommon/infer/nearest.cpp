#include "infer/nearest.h"

#include <algorithm>
#include <unordered_set>

#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "data/batch/alike.h"
#include "data/batch/batcher.h"
#include "data/batch/targets.h"
#include "data/edit/cell.h"
#include "data/format/csv.h"
#include "graph/verify.h"
#include "infer/evaluator.h"
#include "infer/inner.h"
#include "infer/predicted_outputs.h"

namespace ds {
namespace {

/// A model and which of its outputs the vectors are.
struct Vectors {
    Model model;
    std::string output;
};

/// `of_data`: those of the rows that are looked for.
Vectors vectors_of(const Model& model, const std::string& layer, bool of_data) {
    const Task& task = task_of(model);
    if (!task.printing)
        fail(Exit::usage, "--nearest is for images, arrays and tables, and {} is a model for text", model.source);
    if (!layer.empty()) return {with_layer_output(model, layer, inner_output), inner_output};
    if (task.vectors == 0)
        fail(Exit::usage,
             "--nearest compares vectors, and the model's task is {}; name a layer whose values they are: --layer NAME",
             task.title());
    return {model, of_data && task.vectors == 2 ? "truth" : "logits"};
}

/// Numbers of a vector.
int64_t size_of(const Vectors& vectors) {
    const Output* output = vectors.model.graph.find_output(vectors.output);
    const Shape shape = output ? vectors.model.graph.type(output->value).shape : Shape();
    const Shape item(shape.begin() + (shape.empty() ? 0 : 1), shape.end());
    if (!output || !known(item)) fail(Exit::data, "{}: the size of its vectors is open", vectors.model.source);
    return count(dims(item));
}

Model bound_model(const Model& model, const Binding& sizes) {
    check_sizes(model.graph, sizes);
    Model bound = model;
    bound.graph = bind(model.graph, sizes);
    return bound;
}

/// The column that says what a row is: the model's target, else the data's first.
int label_column(const Model& model, const DataTable& file) {
    const int target = file.find(heads_of(model)[0].target);
    return target >= 0 && holds_targets(file.columns()[size_t(target)].kind) ? target : find_kind(file, "target");
}

/// Calls each(row, vector) for every row of the data.
void each_vector(const Vectors& vectors, const std::shared_ptr<const DataSource>& data, const PredictRequest& request,
                 const std::function<void(int64_t, std::span<const double>)>& each) {
    check_samples_stay_apart(vectors.model, vectors.output);
    BatchOptions batches;
    batches.batch = request.batch;
    batches.shuffle = false;
    batches.epochs = 1;
    batches.workers = default_workers(threads());
    std::vector<InputBinding> bindings =
        bind_model(with_outputs_only(vectors.model, {vectors.output}), *data, 0, false);
    check_inputs(bindings, *data);
    EvalOptions options;
    options.controls = request.controls;
    options.batch = request.batch;
    options.controls.plan.beside = [data, bindings, &request](const Binding& bound) {
        return batcher_bytes(*data, bindings, bound.at("N"), default_workers(threads())) + request.beside_bytes;
    };
    Inference inference(vectors.model, {vectors.output}, options);
    Batcher batcher(data, std::move(bindings), batches);
    while (const Batch* batch = batcher.next()) {
        const TensorView values = inference.run(*batch).output(vectors.output);
        const int64_t size = values.size() / std::max<int64_t>(1, values.shape[0]);
        std::vector<double> vector(static_cast<size_t>(size));
        for (int64_t s = 0; s < batch->size; ++s) {
            for (int64_t i = 0; i < size; ++i) vector[size_t(i)] = float_at(values, s * size + i);
            each(batch->sample[size_t(s)], vector);
        }
    }
}

} // namespace

std::string nearest_header() { return "query,rank,neighbour,label,similarity\n"; }

std::string nearest_lines(const std::string& input, const std::vector<NearRow>& rows) {
    std::string lines;
    for (size_t i = 0; i < rows.size(); ++i)
        lines += fmt::format("{},{},{},{},{}\n", csv_field(input), i + 1, csv_field(rows[i].name),
                             rows[i].label.empty() ? "" : csv_field(rows[i].label), number_text(rows[i].similarity));
    return lines;
}

Json nearest_json(const std::string& input, const std::vector<NearRow>& rows) {
    Json nearest = Json::array();
    for (size_t i = 0; i < rows.size(); ++i) {
        Json one = Json::object();
        one.set("rank", int64_t(i + 1)).set("neighbour", rows[i].name);
        if (!rows[i].label.empty()) one.set("label", rows[i].label);
        nearest.push(one.set("similarity", rows[i].similarity));
    }
    Json all = Json::object();
    return all.set("sample", input).set("nearest", nearest);
}

Nearest::Nearest(const Model& model, const PredictRequest& request, const std::vector<std::string>& data)
    : model_(bound_model(model, request.controls.sizes)),
      request_(request),
      data_(std::make_shared<const DataSource>(data)),
      ids_(data_->file()),
      label_(label_column(model_, data_->file())),
      index_(size_of(vectors_of(model_, request.layer, true))) {
    const Vectors own = vectors_of(model_, request.layer, false);
    if (size_of(own) != index_.size())
        fail(Exit::data, "{}: what it makes of inputs has {} numbers, and of the data {}; they cannot be compared",
             model_.source, size_of(own), index_.size());
    request_.controls.sizes.clear();
    if (request.layer.empty()) request_.output = own.output;
    request_.beside_bytes = VectorIndex::bytes(data_->rows(), index_.size());
    read();
}

/// Of pairs the rows whose second is that of a row before.
std::vector<bool> Nearest::seen_before() const {
    std::vector<bool> seen(size_t(data_->rows()));
    const bool is_second = request_.layer.empty() && task_of(model_).vectors == 2;
    for (const Input& input : model_.graph.inputs) {
        if (!is_second || !is_of_alike(input.name)) continue;
        const std::vector<int32_t> numbers = second_numbers(*data_, input.name);
        std::unordered_set<int32_t> known;
        for (size_t i = 0; i < seen.size(); ++i) seen[i] = !known.insert(numbers[i]).second;
    }
    return seen;
}

void Nearest::read() {
    const std::vector<bool> seen = seen_before();
    each_vector(vectors_of(model_, request_.layer, true), data_, request_,
                [&](int64_t row, std::span<const double> vector) {
                    if (seen[size_t(row)] || index_.add(row, vector)) return;
                    const std::string why =
                        fmt::format("{}: what the model makes of {} is zero or not finite, and points nowhere",
                                    data_->name(), data_->place(row));
                    if (!request_.skip_bad) fail(Exit::data, "{}", why);
                    log::warning(why + "; left out");
                });
    if (index_.rows() == 0) fail(Exit::data, "{}: none of its {} rows can be compared", data_->name(), data_->rows());
}

PredictSummary
Nearest::of_inputs(const std::function<void(const std::string&, const std::vector<NearRow>&)>& each) const {
    int64_t bad = 0;
    const auto refuse = [&](const std::string& input) {
        const std::string why =
            fmt::format("{}: what the model {} makes of it is zero and points nowhere", input, model_.source);
        if (!request_.skip_bad) fail(Exit::data, "{}", why);
        log::warning(why + "; left out");
        ++bad;
    };
    PredictSummary summary = predict(model_, request_, [&](const Predictions& batch) {
        if (batch.is_bad) return;
        std::vector<std::vector<Neighbour>> found(size_t(batch.samples()));
        parallel_for(batch.samples(), 1, [&](int64_t begin, int64_t end) {
            for (int64_t s = begin; s < end; ++s) found[size_t(s)] = index_.nearest(batch.of(s), request_.top);
        });
        for (int64_t s = 0; s < batch.samples(); ++s) {
            if (found[size_t(s)].empty()) {
                refuse(batch.sources[size_t(s)]);
                continue;
            }
            std::vector<NearRow> rows;
            for (const Neighbour& one : found[size_t(s)]) rows.push_back(row_of(one));
            each(batch.sources[size_t(s)], rows);
        }
    });
    summary.samples -= bad;
    summary.bad += bad;
    return summary;
}

NearRow Nearest::row_of(const Neighbour& neighbour) const {
    return {name_of(neighbour.row), label_of(neighbour.row), double(neighbour.similarity)};
}

std::string Nearest::name_of(int64_t row) const {
    const std::string id = ids_.at(data_->file_row(row));
    return id.empty() ? data_->row_name(row) : id;
}

/// Of several labels those that the row has, with semicolons between them.
std::string Nearest::label_of(int64_t row) const {
    if (label_ < 0) return "";
    const ColumnInfo& column = data_->file().columns()[size_t(label_)];
    const bool of_labels = column.item_shape == Dims{std::ssize(column.labels)} && column.dtype == DType::u8;
    if (column.ragged || (!column.item_shape.empty() && !of_labels)) return "";
    std::vector<std::byte> raw(size_t(column.item_bytes()));
    data_->file().read(label_, data_->file_row(row), 1, raw.data());
    if (!of_labels) return cell_text(column, raw.data());
    std::string all;
    for (size_t k = 0; k < raw.size(); ++k)
        if (raw[k] != std::byte{}) all += (all.empty() ? "" : ";") + column.labels[k];
    return all;
}

} // namespace ds
