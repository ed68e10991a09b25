#include "infer/predict.h"

#include <algorithm>
#include <cstring>

#include "base/atomic_file.h"
#include "base/error.h"
#include "infer/evaluator.h"
#include "infer/input_rows.h"

namespace ds {
namespace {

constexpr size_t longest_line = size_t{1} << 20;      // of a table's column names
constexpr uint64_t largest_input = uint64_t{8} << 30; // bytes; data files and tables may be larger, they stay on disk

bool looks_like_data_file(std::string_view head) { return head.starts_with("\x89HDF") || head.starts_with("ds-tools"); }

bool looks_like_image(std::string_view b) {
    return b.starts_with("\x89PNG") || b.starts_with("\xff\xd8\xff") ||
           (b.size() > 2 && b[0] == 'P' && std::strchr("2356", b[1]) && std::isspace(static_cast<unsigned char>(b[2])));
}

bool looks_like_table(std::string_view b) { return b.find_first_of("\r\n") != b.npos && b.find('\0') == b.npos; }

EvalOptions eval_options(const PredictRequest& request) {
    EvalOptions options;
    options.controls = request.controls;
    options.batch = request.batch;
    return options;
}

class Predictor {
public:
    Predictor(const Model& model, const PredictRequest& request, const std::function<void(const Predictions&)>& each)
        : model_(model),
          request_(request),
          each_(each),
          rows_(model),
          inference_(model, {"logits"}, eval_options(request)) {
        predictions_.task = &task_of(model);
        predictions_.names.labels = model.labels;
        predictions_.names.top = request.top;
    }
    void run() {
        try {
            for (const std::string& spec : request_.inputs) add(spec);
        } catch (const Error&) {
            run_rows(1); // those that were good
            throw;
        }
        run_rows(1);
        inference_.tell_profile();
    }

private:
    /// Opens the input once: a pipe gives its bytes only once, and a data file may be too large for memory.
    void add(const std::string& spec) {
        const auto [path, split] = split_spec(spec);
        Source source(path, true);
        if (looks_like_data_file(source.head(16))) return run_data(std::move(source), split);
        const std::string name = source.name();
        if (!split.empty()) fail(Exit::data, "{}: not a data file, so it has no split '{}'", name, split);
        const std::string head = source.head(longest_line);
        if (head.starts_with("\x93NUMPY")) rows_.add_array(source.take(largest_input), name);
        else if (looks_like_image(head)) rows_.add_image(source.take(largest_input), name);
        else if (looks_like_table(head)) add_table(source);
        else fail(Exit::data, "{}: neither an image, nor .npy, nor CSV, nor a data file", name);
        run_rows(size_t(request_.batch));
    }
    void add_table(const Source& source) {
        CsvReader table(source);
        const std::vector<size_t> columns = rows_.columns_of(table);
        while (table.next()) {
            rows_.add_row(table, columns);
            run_rows(size_t(request_.batch));
        }
    }
    /// Runs the rows that wait, in batches, until fewer than `least` are left.
    void run_rows(size_t least) {
        size_t at = 0;
        while (rows_.size() - at >= least) {
            const Batch batch = rows_.batch(at, std::min(rows_.size() - at, size_t(request_.batch)));
            for (const size_t end = at + size_t(batch.size); at < end; ++at)
                predictions_.sources.push_back(rows_.name(at));
            collect(batch);
        }
        rows_.drop(at);
    }
    void run_data(Source file, const std::string& split) {
        run_rows(1); // outputs come in the order of the inputs
        const auto source = std::make_shared<const DataSource>(std::move(file), split);
        BatchOptions batches;
        batches.batch = request_.batch;
        batches.shuffle = false;
        batches.epochs = 1;
        Batcher batcher(source, bind_model(model_, *source, 0, false), batches);
        while (const Batch* batch = batcher.next()) {
            for (int64_t s : batch->sample) predictions_.sources.push_back(fmt::format("{}[{}]", source->name(), s));
            collect(*batch);
        }
    }
    void collect(const Batch& batch) {
        const TensorView logits = inference_.run(batch).output("logits");
        predictions_.item.assign(logits.shape.begin() + 1, logits.shape.end());
        predictions_.dtype = logits.dtype;
        for (int64_t i = 0; i < logits.size(); ++i) predictions_.outputs.push_back(float_at(logits, i));
        each_(predictions_);
        predictions_.sources.clear();
        predictions_.outputs.clear();
    }

    const Model& model_;
    const PredictRequest& request_;
    const std::function<void(const Predictions&)>& each_;
    InputRows rows_; // those that wait for their batch
    Inference inference_;
    Predictions predictions_; // of one batch
};

} // namespace

void predict(const Model& model, const PredictRequest& request, const std::function<void(const Predictions&)>& each) {
    if (!task_of(model).printing) fail(Exit::usage, "{} is a model for text: give --prompt", model.source);
    if (request.inputs.empty()) fail(Exit::usage, "there is nothing to predict: give images, .npy, CSV or data files");
    Predictor(model, request, each).run();
}

} // namespace ds
