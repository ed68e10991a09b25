#include "infer/predict.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/parallel.h"
#include "data/batch/groups.h"
#include "data/batch/row_ids.h"
#include "data/batch/row_texts.h"
#include "data/format/text_rows.h"
#include "graph/verify.h"
#include "infer/input_files.h"
#include "infer/input_kind.h"
#include "infer/input_rows.h"
#include "infer/prediction_stream.h"

namespace ds {
namespace {

constexpr size_t most_picture_bytes = size_t{1} << 28; // of pictures that wait for their batch in their own size
constexpr uint64_t largest_input = uint64_t{8} << 30;  // bytes; data files and tables may be larger, they stay on disk

/// What --skip-bad passes over: the input's fault, not that of the command or the model.
bool is_inputs_fault(const Error& error) {
    return error.code() == Exit::data || error.code() == Exit::no_input || error.code() == Exit::permission;
}

/// Takes the inputs one after another, and their samples in batches to the stream.
class Predictor {
public:
    Predictor(const Model& model, const PredictRequest& request, const std::function<void(const Predictions&)>& each)
        : request_(request),
          asked_(model, request),
          rows_(asked_.needed, request.resize, request.keep_pictures, asked_.tells_words),
          stream_(asked_, request, each) {
        for (const Input& input : asked_.model.graph.inputs)
            if (is_of_groups(input.name)) groups_ = input.name.substr(groups_of.size());
        next_.id = own_id_;
        summary().of_texts = rows_.takes_text();
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
        stream_.end_of_input();
        rows_.tell_of_texts(request_.inputs.size() == 1 ? input_name(request_.inputs[0]) : "all inputs");
        stream_.tell_profile();
        return summary();
    }

private:
    PredictSummary& summary() { return stream_.summary(); }
    void add(const std::string& spec) {
        if (!std::filesystem::is_directory(spec)) return add_file(spec, false);
        const int64_t before = seen();
        for (const std::string& file : files_below(spec)) add_file(file, true);
        if (seen() == before)
            fail(Exit::data, "{}: there are no {} in this folder", spec, summary().of_texts ? "texts" : "pictures");
    }
    /// Samples and bad inputs so far.
    int64_t seen() { return summary().samples + summary().bad + int64_t(rows_.size()); }
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
        ++summary().bad;
        if (cells.empty()) return;
        run_rows(1); // the order is kept
        stream_.hand_over_bad(name, cells);
    }
    /// Opens the input once: a pipe gives its bytes only once, and a data file may be too large for memory.
    void read_file(const std::string& spec, bool of_folder) {
        const auto [path, split] = of_folder ? std::pair(spec, std::string()) : split_spec(spec);
        Source source(path, true);
        if (of_folder && !is_wanted_of_folder(source, rows_)) {
            ++summary().passed_over;
            return log::detail(fmt::format("{}: no {}", source.name(), summary().of_texts ? "text" : "picture"));
        }
        const InputKind kind = kind_of(path, source, rows_, request_);
        if (request_.resize && kind != InputKind::picture && kind != InputKind::unknown)
            fail(Exit::usage, "{}: --resize is for picture files, and this is none", source.name());
        if (kind == InputKind::data_file) return run_data(std::move(source), split);
        if (!split.empty()) fail(Exit::data, "{}: not a data file, so it has no split '{}'", source.name(), split);
        if (kind == InputKind::texts) add_texts(source);
        else if (kind == InputKind::array) rows_.add_array(source.take(largest_input), source.name());
        else if (kind == InputKind::picture) add_picture(source, is_stdin(path));
        else if (kind == InputKind::table) add_table(source);
        else fail(Exit::data, "{}: neither an image, nor .npy, nor CSV, nor a data file", source.name());
        run_rows(rows_.picture_bytes() > most_picture_bytes ? 1 : size_t(request_.batch));
    }
    TextLayout layout_of_texts() const {
        const bool sentences = rows_.token_rule() == TokenRule::lines;
        if (request_.lines) return sentences ? TextLayout::lines_of_words : TextLayout::lines;
        return sentences ? TextLayout::sentences : TextLayout::whole;
    }
    void add_texts(Source& source) {
        const auto add = [&](const std::string& text, const std::string& name) {
            try {
                rows_.add_text(text, name);
            } catch (const Error& error) {
                note_bad(error, name, {});
            }
            run_rows(size_t(request_.batch));
        };
        summary().bad += each_text(source, {layout_of_texts(), rows_.word_column(), request_.skip_bad}, add);
    }
    void add_picture(Source& source, bool from_stdin) {
        const std::string name = source.name();
        const std::vector<std::byte> bytes = source.take(largest_input);
        if (from_stdin) refuse_second_picture(bytes);
        rows_.add_image(bytes, name);
    }
    void add_table(const Source& source) {
        CsvReader table(source);
        const std::vector<size_t> columns = rows_.columns_of(table);
        run_rows(1);
        next_.header = table.header();
        group_cell_ = groups_.empty() ? -1 : table.find(groups_);
        stream_.hand_over_header();
        while (table.next_as_it_is()) {
            try {
                table.check_row();
                rows_.add_row(table, columns);
                waiting_cells_.push_back(table.row());
            } catch (const Error& error) {
                note_bad(error, rows_.name_of_row(table), table.row());
            }
            run_rows(size_t(request_.batch));
        }
    }
    void end_table() {
        if (asked_.ranks) run_rows(1);
        if (!next_.header.empty()) {
            run_rows(1);
            next_.header.clear();
        }
        stream_.end_of_input();
    }
    /// Runs the rows that wait, in batches, until fewer than `least` are left.
    void run_rows(size_t least) {
        size_t at = 0;
        const auto forget = [&](void*) { rows_.drop(at); };
        const std::unique_ptr<Predictor, decltype(forget)> done(this, forget); // also those that are refused
        while (rows_.size() - at >= least) {
            const Batch batch = rows_.batch(at, std::min(rows_.size() - at, size_t(request_.batch)));
            for (const size_t end = at + size_t(batch.size); at < end; ++at) take_row(at);
            if (asked_.ranks) next_.groups.resize(next_.sources.size());
            if (!next_.header.empty()) take_cells(size_t(batch.size));
            stream_.run(batch);
        }
    }
    void take_row(size_t row) {
        next_.sources.push_back(rows_.name(row));
        if (asked_.tells_words) next_.words.push_back(words_as_written(rows_.kept_text(row), rows_.token_rule()));
        if (request_.keep_pictures) next_.pictures.push_back(rows_.picture(row));
        next_.resize = rows_.resize();
    }
    void take_cells(size_t count) {
        const auto end = waiting_cells_.begin() + int64_t(count);
        next_.cells.assign(std::make_move_iterator(waiting_cells_.begin()), std::make_move_iterator(end));
        waiting_cells_.erase(waiting_cells_.begin(), end);
        for (size_t i = 0; asked_.ranks && group_cell_ >= 0 && i < count; ++i)
            next_.groups[i] = next_.cells[i][size_t(group_cell_)];
    }
    void run_data(Source file, const std::string& split) {
        run_rows(1); // outputs come in the order of the inputs
        const auto source = std::make_shared<const DataSource>(std::move(file), split);
        BatchOptions batches;
        batches.batch = request_.batch;
        batches.shuffle = false;
        batches.epochs = 1;
        batches.workers = default_workers(threads());
        std::vector<InputBinding> bindings = bind_model(asked_.needed, *source, 0, false);
        for (const InputBinding& binding : bindings)
            if (binding.vocabulary && binding.feature == TokenFeature::word) tell_of_texts(binding, *source);
        std::optional<RowTexts> texts; // whose words are told
        if (const InputBinding* words = find_texts(bindings); words && asked_.tells_words)
            texts.emplace(*source, *words);
        stream_.count_batches([source, bindings, workers = batches.workers](const Binding& bound) {
            return batcher_bytes(*source, bindings, bound.at("N"), workers);
        });
        Batcher batcher(source, std::move(bindings), batches);
        const RowIds ids(source->file()), groups(source->file(), asked_.ranks ? group_column(*source) : -1);
        next_.id = ids.name().empty() ? Predictions().id : ids.name();
        while (const Batch* batch = batcher.next()) {
            for (int64_t s : batch->sample) {
                const std::string id = ids.at(source->file_row(s));
                next_.sources.push_back(id.empty() ? fmt::format("{}[{}]", source->name(), s) : id);
                if (asked_.ranks) next_.groups.push_back(groups.at(source->file_row(s)));
                if (texts) next_.words.push_back(words_as_written(texts->at(s), rows_.token_rule()));
            }
            if (request_.keep_pictures) next_.pictures.resize(next_.sources.size());
            stream_.run(*batch);
        }
        stream_.count_batches({});
        next_.id = own_id_;
    }

    const PredictRequest& request_;
    const PredictedOutputs asked_;
    InputRows rows_;                                      // those that wait for their batch
    std::vector<std::vector<std::string>> waiting_cells_; // of those, where they are rows of a table
    const std::string own_id_ = rows_.file_id().empty() || request_.lines ? Predictions().id : rows_.file_id();
    PredictionStream stream_;
    Predictions& next_ = stream_.next();
    std::string groups_; // the column that names groups; "": there is none
    int group_cell_ = -1;
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
