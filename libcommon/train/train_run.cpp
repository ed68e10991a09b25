#include "train/train_run.h"

#include <algorithm>
#include <cmath>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/machine_memory.h"
#include "base/names.h"
#include "data/batch/batcher.h"
#include "data/batch/name_counts.h"
#include "data/batch/targets.h"
#include "data/edit/edit.h"
#include "data/text/documents.h"
#include "graph/verify.h"
#include "infer/feed.h"
#include "infer/measurable.h"
#include "io/checkpoint/model.h"
#include "io/history.h"
#include "model/loss.h"
#include "model/model_file.h"
#include "pass/derive/freeze.h"
#include "train/fine_tune.h"
#include "train/train_files.h"

namespace ds {
namespace {

constexpr double least_deviation = 1e-37; // below it floats lose digits: such a target counts as constant

/// Fills a slot of f32 or f64.
void set_numbers(State& state, const std::string& slot, const std::vector<double>& values) {
    Tensor tensor(state.at(slot).dtype(), state.at(slot).shape());
    for (size_t i = 0; i < values.size(); ++i)
        if (tensor.dtype() == DType::f64) tensor.as<double>()[i] = values[i];
        else tensor.as<float>()[i] = float(values[i]);
    state.set(slot, std::move(tensor));
}

/// --init-from: what fits is taken, and what does not is told.
void take_initial_weights(const TrainJob& job, TrainRun& run) {
    if (job.init_from.empty()) return;
    run.taken = take_weights(run.model, load_model(job.init_from));
    const TakenWeights& w = *run.taken;
    log::info(fmt::format("{} of {} weights ({} numbers) are those of {}", w.taken,
                          w.taken + int64_t(w.unlike.size() + w.missing.size()), w.values, w.source));
    if (!w.unlike.empty()) log::info("of another shape there, so they start anew: " + few_names(w.unlike));
    if (!w.missing.empty()) log::info("not there, so they start anew: " + few_names(w.missing));
    if (!w.unused.empty()) log::info("there and not in this model: " + few_names(w.unused));
}

void make_model(const TrainJob& job, TrainRun& run) {
    if (is_checkpoint(job.model)) {
        run.model = load_model(job.model);
        if (!job.set.empty()) fail(Exit::usage, "--set is for model files; {} is a checkpoint", job.model);
        run.model.measured = {}; // other weights from now on
        start_fine_tuning(run.model, *run.data.train, job.head, run.options.seed);
        return take_initial_weights(job, run);
    }
    if (job.head > 0)
        fail(Exit::usage,
             "--head replaces the output of a checkpoint; a model file takes its classes from the data, or --set "
             "classes={}",
             job.head);
    ModelRequest request;
    request.model = job.model;
    request.set = job.set;
    request.data = run.data.train->facts();
    count_names(*run.data.train, request.data);
    BuiltModel built = build_model(request);
    run.model.graph = std::move(built.graph);
    run.model.task = std::move(built.task);
    run.record.model_file = {base_name(job.model), std::move(built.text)};
    take_data_description(run.model, *run.data.train, built.places);
    initialise(run.model.graph, *run.model.state, run.options.seed);
    take_initial_weights(job, run);
}

/// Means and deviations, and the categories that are known, come from the file.
void tell_of_statistics(const DataSource& data) {
    const std::string of = data.statistics_split();
    if (!data.has_statistics() || of == data.split() || data.split().empty()) return;
    const std::string advice = of.empty() ? "ds-data cat makes a file of these rows, with what is theirs"
                                          : fmt::format("is :{} the split that was meant?", of);
    log::warning(fmt::format("{}: means, deviations and categories are of {}, not of the rows trained on; {}",
                             data.name(), of.empty() ? "all rows of the file" : "the split " + of, advice));
}

/// An input is brought back to its unit by what it was standardised with.
TargetStatistics unit_of_input(const ColumnPreprocessing& how, int64_t channels) {
    TargetStatistics unit;
    for (size_t c = 0; c < size_t(channels); ++c) { // one mean may be that of all channels
        const bool standard = !how.mean.empty();
        unit.mean.push_back(standard ? how.mean[std::min(c, how.mean.size() - 1)] * how.divide : 0);
        unit.deviation.push_back((standard ? how.std[std::min(c, how.std.size() - 1)] : 1) * how.divide);
    }
    return unit;
}

/// The numbers of a slot of f32 or f64.
std::vector<double> numbers(const State& state, const std::string& slot) {
    const Tensor& tensor = state.at(slot);
    std::vector<double> values;
    for (int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.dtype() == DType::f64 ? tensor.as<double>()[i] : double(tensor.as<float>()[i]));
    return values;
}

/// "mean 12.5, deviation 3"; of several the first ones'.
std::string unit_words(const TargetStatistics& unit) {
    return fmt::format("mean {:.4g}, deviation {:.4g}{}", unit.mean[0], unit.deviation[0],
                       unit.mean.size() > 1 ? " and so on" : "");
}

/// The numbers of the data lie far from what the unit was made for.
bool is_far(const TargetStatistics& own, const TargetStatistics& data) {
    constexpr double far = 4;
    for (size_t c = 0; c < own.mean.size(); ++c) {
        const double ratio = data.deviation[c] / own.deviation[c];
        if (std::abs(data.mean[c] - own.mean[c]) > far * own.deviation[c] || ratio > far || ratio * far < 1)
            return true;
    }
    return false;
}

/// What is fine-tuned with its head keeps the unit that its outputs are made of.
void tell_of_unit(const Model& model, const InputBinding& binding, const TargetStatistics& data) {
    const TargetStatistics own{numbers(*model.state, target_mean_slot(binding.input)),
                               numbers(*model.state, target_std_slot(binding.input))};
    const std::string line = fmt::format("'{}' stays in the unit of {} ({}), the rows trained on have {}",
                                         binding.input, model.source, unit_words(own), unit_words(data));
    const bool may_have_head = task_of(model).parts.empty();
    if (!is_far(own, data)) log::info(line);
    else if (!may_have_head) log::warning(line);
    else log::warning(line + fmt::format("; --head {} makes a new head in theirs", own.mean.size()));
}

/// A new model and a new head measure their targets' mean and deviation; what is fine-tuned otherwise keeps those that
/// its outputs are made of.
void standardise_targets(Model& model, const std::vector<InputBinding>& bindings, const DataSource& source,
                         bool new_head) {
    for (const InputBinding& binding : bindings) {
        const Slot* mean = model.graph.find_slot(target_mean_slot(binding.input));
        const bool is_kept = !model.digest.empty() && !new_head;
        if (!mean || (is_kept && binding.role != InputRole::target)) continue;
        const int64_t channels = count(dims(model.graph.type(mean->value).shape));
        const TargetStatistics measured = binding.role == InputRole::target
                                              ? target_statistics(binding, source, channels)
                                              : unit_of_input(binding.how, channels);
        if (is_kept) {
            tell_of_unit(model, binding, measured);
            continue;
        }
        set_numbers(*model.state, mean->name, measured.mean);
        std::vector<double> scale;
        for (double d : measured.deviation) scale.push_back(d >= least_deviation ? d : 1);
        set_numbers(*model.state, target_std_slot(binding.input), scale);
    }
}

/// Samples that lie anywhere in more data than memory holds would be read one by one from the disk, in each epoch.
void settle_window(const TrainJob& job, TrainRun& run, const std::vector<InputBinding>& bindings) {
    if (job.shuffle_window) {
        run.options.shuffle_window = *job.shuffle_window;
        return;
    }
    constexpr int64_t window = int64_t{256} << 20;
    const int64_t samples = samples_of(*run.data.train, bindings), one = stored_bytes(*run.data.train, bindings);
    if (!run.options.shuffle || double(samples) * double(one) <= double(machine_memory())) return;
    run.options.shuffle_window = window;
    run.decided.push_back(fmt::format("--shuffle-window={}", window));
    log::info(fmt::format("{} is {:.1f} GiB, more than the memory of this machine: samples are mixed in windows "
                          "(--shuffle-window {}MiB)",
                          run.data.train->name(), double(samples) * double(one) / 0x1p30, window >> 20));
}

void prepare_targets(const TrainJob& job, TrainRun& run) {
    const std::vector<InputBinding> bindings =
        bind_model(run.model, *run.data.train, run.options.tokens, true, run.options.sizes);
    settle_window(job, run, bindings);
    check_data(run.model, *run.data.train, run.options.tokens, true, run.options.sizes);
    standardise_targets(run.model, bindings, *run.data.train, job.head > 0);
}

/// Classes of pixels move with the image: they must lie on it, pixel on pixel.
void check_masks(const Augmentation& how, const Dims& image, const std::vector<InputBinding>& bindings) {
    for (const InputBinding& binding : bindings) {
        if (!is_of_pixels(binding)) continue;
        if (how.randaugment > 0)
            fail(Exit::usage,
                 "--randaugment moves pixels and leaves the mask '{}' behind; use --flip, --crop, "
                 "--resized-crop, --rotate, --scale and --color-jitter",
                 binding.input);
        if (how.moves() && Dims(image.begin() + 1, image.end()) != binding.item)
            fail(Exit::usage, "--flip, --crop, --rotate and the like move images and masks alike; these are {} and {}",
                 text(image), text(binding.item));
    }
}

/// What would be ignored, or blacken whole images, is refused.
void check_augmentation(const TrainRun& run) {
    const Augmentation& how = run.options.augmentation;
    if (!how.any()) return;
    const Preprocessing all = Preprocessing::from_json(run.model.preprocessing_json, "the model's preprocessing");
    const auto image = std::ranges::find_if(all.columns, [](const auto& c) { return c.second.kind == "image"; });
    if (image == all.columns.end())
        fail(Exit::usage, "--flip, --crop and the other augmentations are for images; the model takes none");
    const Dims& shape = image->second.shape; // [C,H,W]
    if (shape.size() != 3) fail(Exit::data, "the model's images are {}, not [C,H,W]", text(shape));
    if (how.recolours() && image->second.divide != 255)
        fail(Exit::usage, "--color-jitter, --hue and --randaugment are for pictures of bytes; '{}' holds numbers",
             image->first);
    if (how.hue > 0 && shape[0] != 3)
        fail(Exit::usage, "--hue is for pictures in colour; these have {} channels", shape[0]);
    const auto images = std::ranges::count_if(all.columns, [](const auto& c) { return c.second.kind == "image"; });
    if (how.mixes() && images != 1)
        fail(Exit::usage, "--mixup and --cutmix are for models of one image input; this one has {}", images);
    check_masks(how, shape, bind_model(run.model, *run.data.train, run.options.tokens, true, run.options.sizes));
    const int64_t side = std::min(shape[1], shape[2]);
    if (how.crop >= side || how.cutout >= side)
        fail(Exit::usage, "--crop {} --cutout {}: both must be smaller than the images of {}x{}", how.crop, how.cutout,
             shape[1], shape[2]);
}

/// Whoever named no split may have forgotten it, and would train on what is held back.
void tell_of_splits(const DataSource& data) {
    const std::vector<std::string> splits = data.file().splits();
    if (!splits.empty() && data.split().empty())
        log::info(fmt::format("{} has the splits {}; all of its {} {} are trained on", data.name(),
                              fmt::join(splits, ", "), data.rows(), data.rows_are()));
}

/// Metrics of rows that were trained on say nothing of new ones.
void tell_of_overlap(const DataSource& data, const DataSource& validation) {
    if (validation.name() == data.name() ||
        (data.split().empty() && validation.name() == data.name() + ":" + validation.split()))
        log::warning(fmt::format("the rows of --val {} are trained on, too; its metrics say nothing of new samples",
                                 validation.name()));
}

/// Texts that take no part are easily taken for ones that do.
void tell_of_unread_texts(const TrainRun& run) {
    for (const ColumnInfo& column : run.data.train->file().columns())
        if (is_document(column) && run.model.graph.find_input(column.name) == nullptr)
            log::warning(fmt::format("{}: the model does not read the texts of column '{}'", run.data.train->name(),
                                     column.name));
}

void check_smoothing(const TrainRun& run) {
    const auto& nodes = run.model.graph.nodes;
    const bool has_classes = std::ranges::any_of(nodes, [](const Node& n) { return n.op->name == "cross_entropy"; });
    if (run.options.label_smoothing > 0 && !has_classes)
        fail(Exit::usage, "--label-smoothing is for cross_entropy, which is not the loss of {}", run.model.graph.name);
}

/// The metric that validations are decided by, which must be one of the task's.
void choose_metric(const Task& task, TrainRun& run) {
    if (run.options.metric.empty() && run.data.validation && !task.parts.empty())
        log::info(fmt::format("validations are decided by {}, of the first of {}; --metric names another one",
                              task.deciding, task.title()));
    if (run.options.metric.empty()) run.options.metric = task.deciding;
    try {
        task.metric(run.options.metric);
    } catch (const Error& error) {
        fail(error.code(), "--metric: {}", error.what());
    }
}

/// A run that saves or stops by a metric needs one that its validations have.
void check_deciding(const TrainJob& job, const TrainRun& run) {
    if (!run.data.validation) return;
    const Task& task = task_of(run.model);
    const MetricRow& decides = task.metric(run.options.metric);
    if (is_measurable(run.model, *run.data.validation, decides, run.options.sizes)) return;
    const std::string why = fmt::format("{} is not defined on the targets of {}, which are all alike",
                                        run.options.metric, run.data.validation->name());
    if (job.best.empty() && run.options.patience == 0) return log::warning(why + "; validations are told without it");
    const bool has_loss = std::ranges::count(task.metrics, "loss", &MetricRow::name) > 0;
    fail(Exit::data, "{}, so no step would be the best; take a validation with more kinds{}", why,
         has_loss ? ", or --metric loss" : "");
}

/// The batch norm that would see one value of each channel in a batch of one sample, or null. Frozen ones look at none.
const Node* lonely_batch_norm(const Graph& graph, const TrainOptions& options) {
    std::set<std::string> frozen;
    for (const auto& [name, epochs] : frozen_epochs(graph, options.freeze))
        if (epochs == never_trained) frozen.insert(name);
    const Graph one = ds::bind(freeze(graph, frozen), bind_sizes(graph, 1, 1, options.sizes));
    for (size_t n = 0; n < one.nodes.size(); ++n) {
        if (one.nodes[n].op->name != "batch_norm" || one.nodes[n].tags.frozen) continue;
        const Dims x = dims(one.type(one.nodes[n].in[0]).shape);
        if (x.size() > 1 && count(x) == x[1]) return &graph.nodes[n];
    }
    return nullptr;
}

/// What becomes of the samples that fill no batch. The variance of one value is 0: a batch norm learns nothing from it
/// and its running variance is spoiled.
void settle_last_batch(const TrainJob& job, TrainRun& run) {
    run.options.last_batch = job.last_batch.value_or(LastBatch::keep);
    if (task_of(run.model).windows || task_of(run.model).ranks) return; // batches of whole groups are all of one size
    Batching batching{run.data.train->rows(), run.options.batch, run.options.last_batch};
    const Node* lonely = batching.smallest() == 1 ? lonely_batch_norm(run.model.graph, run.options) : nullptr;
    if (!lonely) return;
    if (run.options.batch > 1 && batching.samples > 1 && !job.last_batch) {
        run.options.last_batch = LastBatch::merge;
        log::info(
            fmt::format("the last batch of an epoch would be one sample, of which batch norm '{}' has no variance; "
                        "it joins the batch before (--last-batch merge)",
                        lonely->name));
        return;
    }
    const bool only_last = run.options.batch > 1 && batching.samples > 1;
    fail(Exit::usage, "batch norm '{}' has no variance of {}; {}", lonely->name,
         only_last ? "the last batch of an epoch, which is one sample" : "a batch of one sample",
         only_last ? "use --last-batch merge or drop" : "use a larger --batch, or another norm");
}

void settle_batch(const TrainJob& job, TrainRun& run) {
    const Task& task = task_of(run.model);
    const int64_t rows = run.data.train->rows();
    if (run.options.batch == 0) run.options.batch = task.train_batch;
    if (!task.windows && run.options.batch > rows) {
        if (job.batch_asked)
            fail(Exit::usage, "--batch {} is more than the {} samples of {}", run.options.batch, rows,
                 run.data.train->name());
        run.options.batch = rows;
    }
    settle_last_batch(job, run);
}

void prepare_new(const TrainJob& job, TrainRun& run) {
    run.options = job.options;
    run.options.math = job.controls.plan.math;
    run.data.train = std::make_shared<DataSource>(job.data);
    tell_of_splits(*run.data.train);
    if (!is_checkpoint(job.model)) tell_of_statistics(*run.data.train);
    if (!job.validation.empty()) {
        run.data.validation = std::make_shared<DataSource>(job.validation);
        tell_of_overlap(*run.data.train, *run.data.validation);
    }
    make_model(job, run);
    check_sizes(run.model.graph, job.controls.sizes);
    run.options.sizes = sizes_of_data(run.model.graph, *run.data.train, job.controls.sizes);
    const Task& task = task_of(run.model);
    choose_metric(task, run);
    tell_of_unread_texts(run);
    check_smoothing(run);
    check_augmentation(run);
    if (!task.windows && run.options.tokens > 0)
        fail(Exit::usage, "--tokens is for text; the model's task is {}", task.title());
    if (task.windows && run.options.tokens == 0) run.options.tokens = text_tokens(run.model);
    settle_batch(job, run);
    prepare_targets(job, run);
}

/// Another end for a resumed run is fine where the learning rate so far does not depend on the end.
void change_end(const TrainJob& job, TrainRun& run) {
    if (!job.end_steps && !job.end_epochs) return;
    if (run.options.schedule.depends_on_total() && !job.renew_schedule)
        fail(Exit::usage, "the run's schedule depends on its length: name a --schedule anew to give it another end");
    run.options.steps = job.end_steps.value_or(0);
    if (job.end_epochs) run.options.epochs = *job.end_epochs;
}

/// A run keeps its mathematics. Those of before 0.2 did not say which it was.
void settle_math(const TrainJob& job, const Json& stored, TrainRun& run) {
    if (!stored.contains("math")) run.options.math = job.math.value_or(kernels::Math::fast);
    else if (job.math && *job.math != run.options.math)
        fail(Exit::usage, "--math: a resumed run keeps its own, which is {}", stored.get<std::string>("math"));
}

void prepare_resumed(const TrainJob& job, TrainRun& run) {
    run.model = load_model(job.resume);
    if (run.model.run_state_json.empty()) fail(Exit::data, "{}: there is no run state in it to go on from", job.resume);
    run.resumed_json = run.model.run_state_json;
    const Json json = Json::parse(run.resumed_json, job.resume + ": run state");
    run.options = TrainOptions::from_json(json.at("options"));
    if (run.options.metric.empty()) run.options.metric = task_of(run.model).deciding_of_0_1;
    task_of(run.model).metric(run.options.metric);
    settle_math(job, json.at("options"), run);
    run.from = RunState::from_json(json.at("run"));
    for (const auto& [symbol, size] : job.controls.sizes)
        if (run.options.sizes.emplace(symbol, size).first->second != size)
            fail(Exit::usage, "--bind {}={}: the run has {}", symbol, size, run.options.sizes[symbol]);
    if (job.stop_after && *job.stop_after <= run.from->step)
        fail(Exit::usage, "the run is at step {} already; --stop-after {} is not beyond it", run.from->step,
             *job.stop_after);
    run.data.train = find_data(json.at("data"), job.data, "-d", job.resume);
    if (json.contains("validation"))
        run.data.validation = find_data(json.at("validation"), job.validation, "--val", job.resume);
    else if (!job.validation.empty() || !job.best.empty())
        fail(Exit::usage, "{}: the run has no validation; --val and --best are for its start", job.resume);
    if (job.renew_schedule) job.renew_schedule(run.options.schedule);
    change_end(job, run);
}

void start_history(const TrainJob& job, TrainRun& run) {
    std::vector<std::vector<std::string>> chains{run.data.train->file().history()};
    HistoryRecord& record = run.record;
    if (!run.model.digest.empty()) {
        chains.push_back(run.model.history);
        record.inputs.push_back({base_name(run.model.source), run.model.digest, maker(run.model.history)});
    }
    if (run.taken) {
        chains.push_back(run.taken->history);
        record.inputs.push_back({base_name(run.taken->source), run.taken->digest, maker(run.taken->history)});
    }
    std::ranges::copy(inputs_of(*run.data.train), std::back_inserter(record.inputs));
    if (run.data.validation) {
        chains.push_back(run.data.validation->file().history());
        std::ranges::copy(inputs_of(*run.data.validation), std::back_inserter(record.inputs));
    }
    if (run.from && !run.model.history.empty()) // the last validation was the stored run's
        record.metrics_json = parse_record(run.model.history.back()).metrics_json;
    record.tool = "ds-train";
    record.version = job.version;
    record.arguments = job.arguments;
    record.seed = run.options.seed;
    run.history_before = merge_history(chains);
}

} // namespace

/// How groups fall into batches.
static void tell_of_groups(const Trainer& trainer, int64_t batch) {
    const GroupOrder* order = trainer.group_order();
    if (!order) return;
    log::info(fmt::format("{} batches of whole groups, {:.1f} % of their places filled up", order->batches(),
                          100 * double(order->filled_up()) / double(order->places())));
    if (order->cut_groups() > 0)
        log::warning(fmt::format("{} groups have more than the {} rows of a batch and are cut in training; --batch {} "
                                 "keeps them whole",
                                 order->cut_groups(), batch, order->largest_group()));
}

/// Threads for images have nothing to do where there are none.
static void check_workers(const TrainJob& job, const TrainRun& run) {
    const auto& columns = run.data.train->file().columns();
    if (job.workers_asked && std::ranges::none_of(columns, [](const ColumnInfo& c) { return c.kind == "image"; }))
        fail(Exit::usage, "--workers is for images, and {} has none", run.data.train->name());
}

/// A rate that never reaches its peak was not meant.
static void check_warmup(const TrainJob& job, const TrainRun& run) {
    const int64_t warmup = run.options.schedule.warmup, end = run.trainer->state().end;
    if (job.warmup_asked && warmup > end)
        fail(Exit::usage, "--warmup {}: the run has {} steps, in which the rate would not reach its peak", warmup, end);
}

TrainRun::TrainRun(const TrainJob& job) {
    if (job.resume.empty()) prepare_new(job, *this);
    else prepare_resumed(job, *this);
    if (from && (job.end_steps || job.end_epochs)) from->end = 0;
    check_workers(job, *this);
    data.workers = job.workers;
    RunControls controls = job.controls;
    controls.plan.math = options.math;
    trainer = std::make_unique<Trainer>(model, data, options, std::move(controls), from);
    check_warmup(job, *this);
    if (!from) check_deciding(job, *this); // last: the validation's targets were held against the loss before
    start_history(job, *this);
    tell_of_groups(*trainer, options.batch);
    if (from && trainer->state().step == trainer->state().end)
        log::info(fmt::format("the run is complete at step {}; --steps or --epochs set another end", from->step));
}

} // namespace ds
