#include "infer/predict.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "data/batch/groups.h"
#include "data/batch/row_ids.h"
#include "data/batch/tell_texts.h"
#include "data/format/conll.h"
#include "data/picture/decode.h"
#include "data/picture/picture_end.h"
#include "data/text/documents.h"
#include "data/text/lines.h"
#include "graph/batching.h"
#include "graph/verify.h"
#include "infer/evaluator.h"
#include "infer/inner.h"
#include "infer/input_files.h"
#include "infer/input_rows.h"
#include "infer/ranker.h"
#include "pass/derive/train_mode.h"

namespace ds {
namespace {

constexpr size_t longest_line = size_t{1} << 20;       // of a table's column names
constexpr size_t most_picture_bytes = size_t{1} << 28; // of pictures that wait for their batch in their own size
constexpr uint64_t largest_input = uint64_t{8} << 30;  // bytes; data files and tables may be larger, they stay on disk

bool looks_like_data_file(std::string_view head) { return head.starts_with("\x89HDF") || head.starts_with("ds-tools"); }

bool looks_like_table(std::string_view b) { return b.find_first_of("\r\n") != b.npos && b.find('\0') == b.npos; }

bool is_stdin(const std::string& path) { return path == "-" || path == "/dev/stdin" || path == "/dev/fd/0"; }

/// Programs that write one picture after another to a pipe mean several; one of them would be predicted.
void refuse_second_picture(std::span<const std::byte> bytes) {
    const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const size_t end = picture_end(all);
    if (end < all.size() && is_picture(all.substr(end)))
        fail(
            Exit::data,
            "stdin: a picture ends at byte {} and another one begins; stdin is one picture: give files, or their names "
            "by --files-from -",
            end);
}

/// What --skip-bad passes over: the input's fault, not that of the command or the model.
bool is_inputs_fault(const Error& error) {
    return error.code() == Exit::data || error.code() == Exit::no_input || error.code() == Exit::permission;
}

/// Values of a layer print as numbers, value_0 and so on.
std::vector<std::string> value_columns(int64_t size, const OutputNames&) {
    std::vector<std::string> columns;
    for (int64_t i = 0; i < size; ++i) columns.push_back(fmt::format("value_{}", i));
    return columns;
}

const Printing& layer_printing() {
    static const Printing printing = [] {
        Printing values = number_printing;
        values.columns = value_columns;
        return values;
    }();
    return printing;
}

constexpr const char* inner_output = "the layer's"; // no name of a graph has a blank

/// What is run: a layer's values or one output as numbers, or all that the task predicts by.
std::vector<std::string> outputs_of(const Model& model, const PredictRequest& request) {
    if (!request.layer.empty()) return {inner_output};
    return request.output.empty() ? prediction_outputs(model) : std::vector<std::string>{request.output};
}

EvalOptions eval_options(const PredictRequest& request) {
    EvalOptions options;
    options.controls = request.controls;
    options.batch = request.batch;
    return options;
}

} // namespace

/// A prediction that depends on what else is in the batch is none.
void check_samples_stay_apart(const Model& model, const std::string& output) {
    const Graph graph = select_outputs(model.graph, {output});
    const ValueId value = graph.outputs[0].value;
    const Dim batch = batch_size(graph);
    if (batch.known()) return; // made for one batch
    const std::vector<SamplePlace> places = sample_places(graph, batch);
    const SamplePlace& place = places[size_t(value)];
    if (place.kind == SamplePlace::apart && place.axis != 0)
        fail(Exit::data, "{}: the samples of a batch lie along axis {} of what it gives, not along the first",
             model.source, place.axis);
    if (place.kind != SamplePlace::mixed) return;
    const NodeId node = where_mixed(graph, places, value);
    fail(Exit::data, "{}: it mixes the samples of a batch{}: a prediction would depend on the others", model.source,
         node < 0 ? "" : fmt::format(", at '{}'", graph.nodes[size_t(node)].name));
}

namespace {

class Predictor {
public:
    Predictor(const Model& model, const PredictRequest& request, const std::function<void(const Predictions&)>& each)
        : model_(request.layer.empty() ? model : with_layer_output(model, request.layer, inner_output)),
          request_(request),
          each_(each),
          is_numbers_(!request.layer.empty() || !request.output.empty()),
          ranks_(!is_numbers_ && task_of(model).ranks),
          outputs_(outputs_of(model, request)),
          needed_(with_outputs_only(model_, outputs_)),
          tells_words_(!is_numbers_ && task_of(model).of_words),
          rows_(needed_, request.resize, request.keep_pictures, tells_words_),
          inference_(model_, outputs_, eval_options(request)) {
        for (const std::string& output : outputs_) check_samples_stay_apart(model_, output);
        count_batches({});
        predictions_.printing = is_numbers_ ? &layer_printing() : task_of(model).printing;
        if (!is_numbers_)
            predictions_.names = output_names(model, request.threshold, request.top, request.probabilities);
        predictions_.names.item = predictions_.item = item_of();
        predictions_.ranked = ranks_;
        for (const Input& input : model_.graph.inputs)
            if (is_of_groups(input.name)) groups_ = input.name.substr(groups_of.size());
        note_what_follows();
        summary_.of_texts = rows_.takes_text();
        if (request.lines && !rows_.takes_text())
            fail(Exit::usage, "--lines is for models that take a text, and nothing else; {} takes other inputs",
                 model.source);
    }
    PredictSummary run() {
        try {
            for (const std::string& spec : request_.inputs) add(spec);
        } catch (const Error&) {
            run_rows(1); // those that were good
            throw;
        }
        run_rows(1);
        end_of_input();
        rows_.tell_of_texts(request_.inputs.size() == 1 ? input_name(request_.inputs[0]) : "all inputs");
        inference_.tell_profile();
        return summary_;
    }

private:
    /// The shape of what is kept of a sample, where it is known before a batch has run: that of the one output, or how
    /// many numbers several have together.
    Dims item_of() const {
        int64_t all = 0;
        for (const OutputPart& part : predictions_.names.parts) all += part.size;
        if (all > 0) return {all};
        const Shape& shape = model_.graph.type(model_.graph.find_output(outputs_[0])->value).shape;
        const Shape item(shape.begin() + 1, shape.end());
        return known(item) ? dims(item) : Dims{};
    }
    /// What the memory limit counts besides plans.
    void count_batches(const std::function<int64_t(const Binding&)>& bytes) {
        const int64_t kept = request_.beside_bytes;
        inference_.count_batches([bytes, kept](const Binding& bound) { return kept + (bytes ? bytes(bound) : 0); });
    }
    /// Hands a batch over, or lets it wait for the end of its input where places within groups are told.
    void give(const Predictions& some) {
        if (ranks_) ranker_.add(some);
        else each_(some);
    }
    void end_of_input() { ranker_.hand_over(each_); }
    /// Of one head that is held to its input, the second output is that.
    void note_what_follows() {
        predictions_.behind = predictions_.names.of_input && is_one_head() ? count(predictions_.item) : 0;
    }
    bool is_one_head() const { return predictions_.names.parts.empty(); }
    void add(const std::string& spec) {
        if (!std::filesystem::is_directory(spec)) return add_file(spec, false);
        const int64_t before = seen();
        for (const std::string& file : files_below(spec)) add_file(file, true);
        if (seen() == before)
            fail(Exit::data, "{}: there are no {} in this folder", spec, summary_.of_texts ? "texts" : "pictures");
    }
    /// Samples and bad inputs so far.
    int64_t seen() const { return summary_.samples + summary_.bad + int64_t(rows_.size()); }
    void add_file(const std::string& spec, bool of_folder) {
        try {
            read_file(spec, of_folder);
        } catch (const Error& error) {
            note_bad(error, input_name(spec), {});
        }
        end_table();
    }
    /// With --skip-bad: says so and counts; a row of a table is handed over without a prediction.
    void note_bad(const Error& error, const std::string& name, const std::vector<std::string>& cells) {
        rows_.drop_incomplete();
        if (!request_.skip_bad || !is_inputs_fault(error)) throw error;
        log::warning(fmt::format("{}; left out", error.what()));
        ++summary_.bad;
        if (cells.empty()) return;
        run_rows(1); // the order is kept
        predictions_.sources = {name};
        predictions_.cells = {cells};
        predictions_.is_bad = true;
        hand_over();
        predictions_.is_bad = false;
    }
    /// Opens the input once: a pipe gives its bytes only once, and a data file may be too large for memory.
    void read_file(const std::string& spec, bool of_folder) {
        const auto [path, split] = of_folder ? std::pair(spec, std::string()) : split_spec(spec);
        Source source(path, true);
        if (of_folder && !is_wanted(source)) {
            ++summary_.passed_over;
            return log::detail(fmt::format("{}: no {}", source.name(), summary_.of_texts ? "text" : "picture"));
        }
        if (looks_like_data_file(source.head(16))) return run_data(std::move(source), split);
        const std::string name = source.name();
        if (!split.empty()) fail(Exit::data, "{}: not a data file, so it has no split '{}'", name, split);
        const std::string head = source.head(longest_line);
        if (rows_.takes_text() && !is_text_table(path, source)) add_texts(source);
        else if (head.starts_with("\x93NUMPY")) rows_.add_array(source.take(largest_input), name);
        else if (is_picture(head)) add_picture(source, is_stdin(path));
        else if (looks_like_table(head)) add_table(source);
        else fail(Exit::data, "{}: neither an image, nor .npy, nor CSV, nor a data file", name);
        run_rows(rows_.picture_bytes() > most_picture_bytes ? 1 : size_t(request_.batch));
    }
    /// Of a folder's files.
    bool is_wanted(const Source& source) const {
        if (!rows_.takes_text()) return is_picture(source.head(32));
        return source.head(longest_line).find('\0') == std::string::npos;
    }
    /// A table for a model of texts: its first line names the column. What ends in .txt is none.
    bool is_text_table(const std::string& path, const Source& source) const {
        if (request_.lines || path.ends_with(".txt")) return false;
        const bool sentences = rows_.token_rule() == TokenRule::lines; // have tabs as well
        if (path.ends_with(".csv") || (path.ends_with(".tsv") && !sentences)) return true;
        if (!looks_like_table(source.head(longest_line))) return false;
        try {
            return CsvReader(source).find(rows_.text_column()) >= 0;
        } catch (const Error&) {
            return false; // its first line is no header
        }
    }
    void add_texts(Source& source) {
        const std::string name = source.name();
        if (rows_.token_rule() == TokenRule::lines && !request_.lines) return add_sentences(source);
        if (!request_.lines) {
            const std::vector<std::byte> bytes = source.take(largest_input);
            return rows_.add_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name);
        }
        each_line(source, [&](std::string_view line, int64_t number) {
            const std::string own = fmt::format("{}[{}]", name, number - 1);
            try {
                rows_.add_text(rows_.token_rule() == TokenRule::lines ? one_a_line(line) : std::string(line), own);
            } catch (const Error& error) {
                note_bad(error, own, {});
            }
            run_rows(size_t(request_.batch));
        });
    }
    /// Words with blanks between them, as a text whose words are lines.
    static std::string one_a_line(std::string_view line) {
        std::string text;
        for (size_t at = 0; (at = line.find_first_not_of(" \t", at)) != line.npos;) {
            const size_t end = std::min(line.find_first_of(" \t", at), line.size());
            text += (text.empty() ? "" : "\n") + std::string(line.substr(at, end - at));
            at = end;
        }
        return text;
    }
    void add_sentences(const Source& source) {
        const std::string name = source.name();
        int64_t number = 0;
        summary_.bad += each_sentence(source, {0, -1}, request_.skip_bad, [&](const ConllSentence& sentence) {
            rows_.add_text(sentence.text(), fmt::format("{}[{}]", name, number++));
            run_rows(size_t(request_.batch));
        });
    }
    void add_picture(Source& source, bool from_stdin) {
        const std::string name = source.name();
        const std::vector<std::byte> bytes = source.take(largest_input);
        if (from_stdin) refuse_second_picture(bytes);
        rows_.add_image(bytes, name);
    }
    void add_table(const Source& source) {
        CsvReader table(source, request_.skip_bad);
        const std::vector<size_t> columns = rows_.columns_of(table);
        run_rows(1);
        predictions_.header = table.header();
        group_cell_ = groups_.empty() ? -1 : table.find(groups_);
        hand_over(); // the header
        while (table.next()) {
            try {
                rows_.add_row(table, columns);
                waiting_cells_.push_back(table.row());
            } catch (const Error& error) {
                note_bad(error, rows_.name_of_row(table), table.row());
            }
            run_rows(size_t(request_.batch));
        }
        if (table.left_out())
            log::warning(fmt::format("{}: {} malformed rows left out", source.name(), table.left_out()));
        summary_.bad += table.left_out();
    }
    void end_table() {
        if (ranks_) run_rows(1);
        if (!predictions_.header.empty()) {
            run_rows(1);
            predictions_.header.clear();
        }
        end_of_input();
    }
    /// Runs the rows that wait, in batches, until fewer than `least` are left.
    void run_rows(size_t least) {
        size_t at = 0;
        const auto forget = [&](void*) { rows_.drop(at); };
        const std::unique_ptr<Predictor, decltype(forget)> done(this, forget); // also those that are refused
        while (rows_.size() - at >= least) {
            const Batch batch = rows_.batch(at, std::min(rows_.size() - at, size_t(request_.batch)));
            for (const size_t end = at + size_t(batch.size); at < end; ++at) take_row(at);
            if (ranks_) predictions_.groups.resize(predictions_.sources.size());
            if (!predictions_.header.empty()) take_cells(size_t(batch.size));
            collect(batch);
        }
    }
    void take_row(size_t row) {
        predictions_.sources.push_back(rows_.name(row));
        if (tells_words_) predictions_.words.push_back(words_as_written(rows_.kept_text(row), rows_.token_rule()));
        if (request_.keep_pictures) predictions_.pictures.push_back(rows_.picture(row));
        predictions_.resize = rows_.resize();
    }
    void take_cells(size_t count) {
        const auto end = waiting_cells_.begin() + int64_t(count);
        predictions_.cells.assign(std::make_move_iterator(waiting_cells_.begin()), std::make_move_iterator(end));
        waiting_cells_.erase(waiting_cells_.begin(), end);
        for (size_t i = 0; ranks_ && group_cell_ >= 0 && i < count; ++i)
            predictions_.groups[i] = predictions_.cells[i][size_t(group_cell_)];
    }
    void run_data(Source file, const std::string& split) {
        run_rows(1); // outputs come in the order of the inputs
        const auto source = std::make_shared<const DataSource>(std::move(file), split);
        BatchOptions batches;
        batches.batch = request_.batch;
        batches.shuffle = false;
        batches.epochs = 1;
        batches.workers = default_workers(threads());
        std::vector<InputBinding> bindings = bind_model(needed_, *source, 0, false);
        for (const InputBinding& binding : bindings)
            if (binding.vocabulary && binding.feature == TokenFeature::word) tell_of_texts(binding, *source);
        const std::vector<InputBinding> bound_inputs = bindings;
        count_batches([source, bindings, workers = batches.workers](const Binding& bound) {
            return batcher_bytes(*source, bindings, bound.at("N"), workers);
        });
        Batcher batcher(source, std::move(bindings), batches);
        const RowIds ids(source->file()), groups(source->file(), ranks_ ? group_column(*source) : -1);
        if (!ids.name().empty()) predictions_.id = ids.name();
        const std::optional<Documents> documents = documents_of(*source, bound_inputs);
        std::string text;
        while (const Batch* batch = batcher.next()) {
            for (int64_t s : batch->sample) {
                const std::string id = ids.at(source->file_row(s));
                predictions_.sources.push_back(id.empty() ? fmt::format("{}[{}]", source->name(), s) : id);
                if (ranks_) predictions_.groups.push_back(groups.at(source->file_row(s)));
                if (!documents) continue;
                documents->read(source->file_row(s), text);
                predictions_.words.push_back(words_as_written(text, rows_.token_rule()));
            }
            if (request_.keep_pictures) predictions_.pictures.resize(predictions_.sources.size());
            collect(*batch);
        }
        count_batches({});
        predictions_.id = Predictions().id;
    }
    /// The texts of a data file whose words are told.
    std::optional<Documents> documents_of(const DataSource& source, const std::vector<InputBinding>& bindings) const {
        const auto words =
            std::ranges::find_if(bindings, [](const InputBinding& b) { return b.vocabulary != nullptr; });
        if (!tells_words_ || words == bindings.end()) return {};
        return std::optional<Documents>(std::in_place, source.file(), words->column);
    }
    void collect(const Batch& batch) {
        const Executor& executor = inference_.run(batch);
        const TensorView first = executor.output(outputs_[0]);
        if (is_one_head()) predictions_.item.assign(first.shape.begin() + 1, first.shape.end());
        predictions_.names.item = predictions_.item;
        note_what_follows();
        predictions_.dtype = first.dtype;
        for (int64_t s = 0; s < batch.size; ++s)
            for (const std::string& output : outputs_) {
                const TensorView values = executor.output(output);
                const int64_t n = values.size() / std::max<int64_t>(1, values.shape[0]);
                for (int64_t i = s * n; i < (s + 1) * n; ++i) predictions_.outputs.push_back(float_at(values, i));
            }
        if (predictions_.first_unusable(0) == predictions_.samples()) {
            summary_.samples += batch.size;
            return hand_over();
        }
        hand_over_usable(std::exchange(predictions_, predictions_.part(0, 0)));
    }
    void hand_over() {
        give(predictions_);
        predictions_.groups.clear();
        predictions_.words.clear();
        predictions_.sources.clear();
        predictions_.cells.clear();
        predictions_.pictures.clear();
        predictions_.outputs.clear();
    }
    /// Samples whose outputs mean nothing are refused, or with --skip-bad counted, each in its place.
    void hand_over_usable(const Predictions& batch) {
        for (int64_t at = 0; at < batch.samples();) {
            const int64_t bad = batch.first_unusable(at);
            if (bad > at) give(batch.part(at, bad));
            summary_.samples += bad - at;
            at = bad + 1;
            if (bad == batch.samples()) return;
            refuse_unusable(batch.part(bad, bad + 1));
        }
    }
    void refuse_unusable(Predictions one) {
        const std::string why =
            fmt::format("{}: what the model {} gives are no finite numbers; its weights are spoilt, or the input is",
                        one.sources[0], model_.source);
        if (!request_.skip_bad) fail(Exit::data, "{}", why);
        log::warning(why + "; left out");
        ++summary_.bad;
        if (one.cells.empty()) return;
        one.outputs.clear();
        one.is_bad = true;
        give(one);
    }

    const Model model_;
    const PredictRequest& request_;
    const std::function<void(const Predictions&)>& each_;
    const bool is_numbers_; // values of a layer or of one output, whatever they mean
    const bool ranks_;      // places within groups are told
    std::string groups_;    // the column that names them; "": there is none
    int group_cell_ = -1;
    Ranker ranker_;
    const std::vector<std::string> outputs_;
    const Model needed_;                                  // with the inputs that those need
    const bool tells_words_;                              // each has a prediction
    InputRows rows_;                                      // those that wait for their batch
    std::vector<std::vector<std::string>> waiting_cells_; // of those, where they are rows of a table
    PredictSummary summary_;
    Inference inference_;
    Predictions predictions_; // of one batch
};

} // namespace

PredictSummary predict(const Model& model, const PredictRequest& request,
                       const std::function<void(const Predictions&)>& each) {
    if (!task_of(model).printing) fail(Exit::usage, "{} is a model for text: give --prompt", model.source);
    if (request.inputs.empty())
        fail(Exit::usage, "there is nothing to predict: give images, texts, .npy, CSV or data files");
    check_sizes(model.graph, request.controls.sizes);
    Model bound = model;
    bound.graph = bind(model.graph, request.controls.sizes);
    PredictRequest rest = request;
    rest.controls.sizes.clear();
    return Predictor(bound, rest, each).run();
}

} // namespace ds
