#include "cli/train_options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "model/model_file.h"
#include "task/task.h"
#include "train/train_files.h"

namespace ds::cli {
namespace {

constexpr double below_one = 0.99999999; // decays of 1 would never take anything in

void what_is_trained(Command& tool, TrainSettings& s) {
    tool.positional("MODEL", s.job.model, "a shipped model's name, a YAML file, or a checkpoint to fine-tune").files();
    tool.group("What is trained");
    tool.option("--set", s.set, "NAME=VALUE", "set a parameter of the model file").pairs();
    tool.option("--head", s.job.head, "N", "fine-tuning: a new last layer of N outputs: classes, labels or numbers")
        .range(1, 1e9);
    tool.option("--init-from", s.job.init_from, "FILE",
                "take the weights of this checkpoint that have the same name and shape")
        .files();
    tool.option("--freeze", s.freeze, "PATTERN[=EPOCHS]",
                "do not train parameters of this name (a layer, block.*); with EPOCHS: only for the first so many");
    tool.option("--resume", s.job.resume, "FILE", "go on with the run in this checkpoint").files();
    tool.group("Data");
    data_option(tool, s.job.data);
    tool.option("--val", s.job.validation, "FILE[:SPLIT]", "data to validate on after each epoch").files().patterns();
    tool.option("--eval-every", s.job.options.eval_every, "N", "validate every N steps instead").range(1, 1e12);
    batch_option(tool, s.job.options.batch).initially("128; 16 for text; less where the data are fewer");
    tool.choice(
            "--last-batch", s.last_batch, "WHAT",
            "what becomes of the samples of an epoch that fill no batch: a smaller batch of their own, left out, or "
            "added to the batch before",
            {{"keep", LastBatch::keep}, {"drop", LastBatch::drop}, {"merge", LastBatch::merge}})
        .initially("keep; merge where a batch norm would see one sample alone");
    tool.option("--tokens", s.job.options.tokens, "N", "text: tokens in a window")
        .range(1, 1e9)
        .initially("what the model has places for");
    tool.flag("--shuffle", s.job.options.shuffle, "draw samples in a seeded order anew each epoch");
    tool.option("--shuffle-window", s.shuffle_window, "SIZE",
                "mix samples within windows of this size of chunks that come in a seeded order; 0: all with each other")
        .bytes()
        .initially("256MiB where the data are more than the machine's memory, else 0");
    tool.option("--workers", s.workers, "N",
                "threads that decode and vary images, beside the one that reads; results do not depend on it")
        .range(0, 1024)
        .initially("as the threads allow: half of --threads, less the one that reads, at most 7")
        .not_recorded();
}

void how_images_vary(Command& tool, Augmentation& a) {
    tool.group("Augmentation of images");
    tool.flag("--flip", a.flip, "flip images left-right at random");
    tool.option("--crop", a.crop, "PIXELS", "shift images at random by up to this many pixels").range(0, 1e4);
    tool.option("--resized-crop", a.resized_crop, "SHARE",
                "take a random window of this share of the area or more, and bring it to the whole size")
        .range(0, 1);
    tool.option("--rotate", a.rotate, "DEGREES", "turn by up to this angle, either way").range(0, 180);
    tool.option("--scale", a.scale, "PART", "shrink or enlarge by up to this part").range(0, 0.9);
    tool.option("--color-jitter", a.color_jitter, "PART",
                "change brightness, contrast and saturation by up to this part")
        .range(0, 1);
    tool.option("--hue", a.hue, "PART", "turn hues by up to this part of the circle").range(0, 0.5);
    tool.option("--randaugment", a.randaugment, "N", "N operations drawn from the fourteen of RandAugment")
        .range(0, 14);
    tool.option("--magnitude", a.magnitude, "M", "how strong they are").range(0, 30);
    tool.option("--cutout", a.cutout, "PIXELS", "blacken a random square of this side").range(0, 1e4);
    tool.option("--erase", a.erase, "P", "paint a random rectangle in the mean colour, with this probability")
        .range(0, 1);
    tool.option("--mixup", a.mixup, "ALPHA", "add pairs of samples and of their classes").range(0, 1e3);
    tool.option("--cutmix", a.cutmix, "ALPHA", "put a rectangle of one sample into another, and mix their classes")
        .range(0, 1e3);
}

void how_long(Command& tool, TrainSettings& s) {
    tool.group("Length");
    tool.option("--epochs", s.epochs, "N", "train for N passes over the data")
        .range(1, 1e9)
        .initially("as the model file says, else 1")
        .unless("steps");
    tool.option("--steps", s.steps, "N", "train for N steps").range(1, 1e12);
    tool.option("--time", s.job.time_limit, "DURATION",
                "stop after this long, before the planned end; go on with --resume")
        .seconds()
        .range(0.001, std::numeric_limits<double>::infinity());
    tool.option("--stop-after", s.stop_after, "STEP", "stop at this step of the planned run; go on with --resume")
        .range(1, 1e12);
    tool.option("--patience", s.job.options.patience, "N", "stop after N validations without improvement")
        .range(1, 1e9);
    tool.option("--metric", s.job.options.metric, "NAME",
                "what --best and --patience go by; of several targets as in price.rmse, without it the first target's")
        .words(metric_names())
        .initially(deciding_metrics());
}

void how_fast(Command& tool, TrainSettings& s) {
    Schedule& schedule = s.job.options.schedule;
    OptimizerOptions& optimizer = s.job.options.optimizer;
    tool.group("Optimizer");
    tool.choice("--optimizer", optimizer.kind, "NAME", "update rule",
                {{"sgd", OptimizerKind::sgd}, {"adam", OptimizerKind::adam}, {"adamw", OptimizerKind::adamw}});
    tool.option("--lr", schedule.lr, "RATE", "peak learning rate").range(0, 1e6);
    tool.choice("--schedule", schedule.kind, "NAME", "learning rate over the run",
                {{"constant", ScheduleKind::constant},
                 {"step", ScheduleKind::step},
                 {"cosine", ScheduleKind::cosine},
                 {"linear", ScheduleKind::linear},
                 {"one-cycle", ScheduleKind::one_cycle},
                 {"warmup-stable-decay", ScheduleKind::warmup_stable_decay}});
    tool.option("--warmup", schedule.warmup, "STEPS", "rise to the peak over this many steps").range(0, 1e12);
    tool.option("--lr-floor", schedule.floor, "FRACTION", "the last rate as a part of the peak").range(0, 1);
    tool.option("--gamma", schedule.gamma, "FACTOR", "step schedule: factor of each decay").range(0, 1);
    tool.option("--decay-every", schedule.every, "STEPS", "step schedule: steps between decays")
        .range(1, 1e12)
        .initially("a third of the run");
    tool.option("--decay-part", schedule.decay, "FRACTION", "warmup-stable-decay: the part of the run that decays")
        .range(0, 1);
    tool.option("--momentum", optimizer.momentum, "MU", "sgd: momentum").range(0, below_one);
    tool.flag("--nesterov", optimizer.nesterov, "sgd: Nesterov's momentum");
    tool.option("--beta1", optimizer.beta1, "B", "adam: decay of the first moment").range(0, below_one);
    tool.option("--beta2", optimizer.beta2, "B", "adam: decay of the second moment").range(0, below_one);
    tool.option("--eps", optimizer.eps, "E", "adam: added to the denominator").range(0, 1);
    tool.option("--weight-decay", optimizer.weight_decay, "WD", "decay of weights; not of norms and biases")
        .range(0, 1e3);
    tool.flag("--decay-all", optimizer.decay_all, "decay norms and biases, too");
    tool.option("--clip", optimizer.clip, "NORM", "clip the gradient to this norm").range(0, 1e12);
    tool.option("--accumulate", s.job.options.accumulate, "N", "batches in a step").range(1, 1e6);
    tool.option("--ema", optimizer.ema_decay, "DECAY", "keep an average of the weights with this decay")
        .range(0, below_one);
    tool.option("--label-smoothing", s.job.options.label_smoothing, "S", "part of each target spread over all classes")
        .range(0, 0.999);
    tool.option("--class-weight", s.job.options.class_weight, "balanced|NAME=W,...",
                "let classes count by a weight in training: all the same together (balanced), or as named; others 1");
    tool.option("--lr-scale", s.lr_scale, "PATTERN=FACTOR", "train parameters of this name at another rate").pairs();
    seed_option(tool, s.seed);
}

void what_is_written(Command& tool, TrainSettings& s) {
    tool.group("Output");
    output_option(tool, s.job.output, "the model").initially("required, but for --dry-run and --explain");
    tool.option("--best", s.job.best, "FILE", "also write the model of the best validation").files().not_recorded();
    tool.option("--save-every", s.job.save_every, "STEPS", "save on the way, every so many steps")
        .range(1, 1e12)
        .not_recorded();
    tool.option("--keep", s.job.keep, "N", "with --save-every: also keep the last N, under numbered names")
        .range(1, 1e9)
        .not_recorded();
    tool.option("--log", s.job.log, "FILE", "metrics as JSON lines; - for stdout").files().not_recorded();
    tool.option("--plot", s.job.plot, "FILE", "the training curve, as .svg or .png")
        .endings({".svg", ".png"})
        .not_recorded();
    json_option(tool, s.json);
    tool.flag("--dry-run", s.dry_run, "show what the run would need, and stop").command_line_only();
    memory_option(tool, s.memory);
    compilation_options(tool, s.compilation);
}

/// "NAME=VALUE" of each --set.
std::map<std::string, std::string> parameters(const std::vector<std::string>& pairs) {
    std::map<std::string, std::string> set;
    for (const std::string& pair : pairs) {
        const size_t equals = pair.find('=');
        const bool is_new = set.emplace(pair.substr(0, equals), pair.substr(equals + 1)).second;
        if (!is_new) fail(Exit::usage, "--set {} is given twice", pair.substr(0, equals));
    }
    return set;
}

/// What a model file may say of its own training: how and how long, not on what or where to.
void let_model_choose(Command& tool, TrainSettings& s) {
    std::vector<std::string> names{"batch", "epochs"};
    for (const Option& option : tool.options())
        if ((option.group == "Optimizer" && option.name != "seed") || option.group == "Augmentation of images")
            names.push_back(option.name);
    tool.defaults_from(std::move(names), [&s] {
        const TrainJob& job = s.job;
        return job.model.empty() || is_checkpoint(job.model) ? Yaml() : training_defaults(job.model, parameters(s.set));
    });
}

/// Options that mean something under some choices only.
struct Meaning {
    std::string_view option, selector;
    std::vector<std::string_view> choices;
};
const std::vector<Meaning> meanings = {
    {"momentum", "optimizer", {"sgd"}},
    {"nesterov", "optimizer", {"sgd"}},
    {"beta1", "optimizer", {"adam", "adamw"}},
    {"beta2", "optimizer", {"adam", "adamw"}},
    {"eps", "optimizer", {"adam", "adamw"}},
    {"gamma", "schedule", {"step"}},
    {"decay-every", "schedule", {"step"}},
    {"decay-part", "schedule", {"warmup-stable-decay"}},
    {"lr-floor", "schedule", {"cosine", "linear", "warmup-stable-decay"}},
};

/// What would be ignored is refused. A choice may override a weaker source that was written for another one: a model's
/// momentum under --optimizer adam.
void check_meanings(const Command& command) {
    for (const Meaning& m : meanings) {
        const Option &option = command.get(m.option), &selector = command.get(m.selector);
        const std::string choice = selector.values().front();
        if (!option.given() || option.origin < selector.origin || std::ranges::count(m.choices, choice)) continue;
        fail(Exit::usage, "{} means nothing under --{} {}; it is for {}", option.label(), m.selector, choice,
             fmt::join(m.choices, ", "));
    }
    const bool draws = command.get("randaugment").values() != std::vector<std::string>{"0"};
    if (command.get("magnitude").origin > Origin::own_source && !draws)
        fail(Exit::usage, "--magnitude is how strong the operations of --randaugment are; there are none without it");
}

const std::set<std::string> of_schedule = {"lr", "warmup", "lr-floor", "gamma", "decay-every", "decay-part"};

void check(const TrainSettings& s) {
    const TrainJob& job = s.job;
    if (job.resume.empty() && job.model.empty())
        fail(Exit::usage, "MODEL is missing: a name, a YAML file or a checkpoint (or --resume)");
    if (!job.resume.empty() && !job.model.empty()) fail(Exit::usage, "--resume goes on with a run; it takes no MODEL");
    if (job.resume.empty() && job.data.empty()) fail(Exit::usage, "--data is missing");
    if (job.output.empty() && !s.dry_run && !s.compilation.explain)
        fail(Exit::usage, "--output is missing: where the model goes; see ds-train --help");
    if (s.json && (s.dry_run || s.compilation.explain))
        fail(Exit::usage, "--json tells what came of a run; --dry-run and --explain make none");
    if (s.json && (job.log == "-" || job.output == "-"))
        fail(Exit::usage, "--json and {} - are two results for one stdout", job.log == "-" ? "--log" : "--output");
    if (s.steps && s.epochs) fail(Exit::usage, "--steps and --epochs are two ends; give one");
    if (job.keep > 0 && job.save_every == 0) fail(Exit::usage, "--keep needs --save-every");
    if (!job.best.empty() && job.validation.empty() && job.resume.empty()) fail(Exit::usage, "--best needs --val");
    if (job.options.patience > 0 && job.validation.empty() && job.resume.empty())
        fail(Exit::usage, "--patience needs --val");
    if (!job.options.metric.empty() && job.validation.empty() && job.resume.empty())
        fail(Exit::usage, "--metric needs --val");
    if (job.options.eval_every > 0 && job.validation.empty() && job.resume.empty())
        fail(Exit::usage, "--eval-every needs --val");
    if (job.options.optimizer.nesterov && job.options.optimizer.momentum == 0)
        fail(Exit::usage, "--nesterov needs --momentum");
}

/// A resumed run keeps its options: what else is given would be ignored.
void check_resumed(const Command& command) {
    const bool anew = command.given("schedule");
    for (const Option& o : command.options()) {
        const bool of_run = o.group == "What is trained" || o.group == "Data" || o.group == "Augmentation of images" ||
                            o.group == "Optimizer" || o.name == "patience" || o.name == "metric";
        const bool may_change = o.name == "resume" || o.name == "data" || o.name == "val" || o.name == "schedule" ||
                                o.name == "workers" || (anew && of_schedule.contains(o.name));
        if (of_run && !may_change && o.given())
            fail(Exit::usage,
                 "{}: a resumed run keeps its own; its end can be changed and, with --schedule named anew, its "
                 "learning rate",
                 o.label());
    }
}

/// The schedule named anew; what is not given stays.
void renew(const Command& command, const Schedule& anew, Schedule& schedule) {
    schedule.kind = anew.kind;
    if (command.given("lr")) schedule.lr = anew.lr;
    if (command.given("warmup")) schedule.warmup = anew.warmup;
    if (command.given("lr-floor")) schedule.floor = anew.floor;
    if (command.given("gamma")) schedule.gamma = anew.gamma;
    if (command.given("decay-every")) schedule.every = anew.every;
    if (command.given("decay-part")) schedule.decay = anew.decay;
}

/// "PATTERN" or "PATTERN=EPOCHS".
FreezeRule freeze_rule(const std::string& word) {
    const size_t equals = word.rfind('=');
    FreezeRule rule{word.substr(0, equals)};
    if (rule.pattern.empty()) fail(Exit::usage, "--freeze '{}' names no parameter", word);
    if (equals == word.npos) return rule;
    const std::string epochs = word.substr(equals + 1);
    const auto [end, error] = std::from_chars(epochs.data(), epochs.data() + epochs.size(), rule.epochs);
    if (error != std::errc() || end != epochs.data() + epochs.size() || rule.epochs < 1)
        fail(Exit::usage, "--freeze {}: '{}' is no number of epochs", word, epochs);
    return rule;
}

/// "PATTERN=FACTOR".
RateRule rate_rule(const std::string& word) {
    const size_t equals = word.rfind('=');
    RateRule rule{word.substr(0, equals)};
    const std::string factor = word.substr(equals + 1);
    const auto [end, error] = std::from_chars(factor.data(), factor.data() + factor.size(), rule.factor);
    const bool sound = error == std::errc() && end == factor.data() + factor.size() && rule.factor >= 0 &&
                       rule.factor <= 1e6; // false for NaN
    if (!sound) fail(Exit::usage, "--lr-scale {}: '{}' is no factor from 0 to 1e6", word, factor);
    if (rule.factor == 0) fail(Exit::usage, "--lr-scale {}: nothing would be trained; use --freeze", word);
    return rule;
}

} // namespace

void train_options(Command& command, TrainSettings& settings) {
    settings.job.options.batch = 0;
    settings.job.options.optimizer.kind = OptimizerKind::adamw;
    settings.job.options.optimizer.momentum = 0.9;
    settings.job.options.schedule.lr = 1e-3;
    what_is_trained(command, settings);
    how_images_vary(command, settings.job.options.augmentation);
    how_long(command, settings);
    how_fast(command, settings);
    what_is_written(command, settings);
    let_model_choose(command, settings);
}

TrainJob train_job(Command& command, TrainSettings& settings) {
    check(settings);
    check_meanings(command);
    if (!settings.job.resume.empty()) check_resumed(command);
    command.decide("threads", std::to_string(threads())); // bytes depend on it
    TrainJob job = settings.job;
    job.end_steps = settings.steps;
    job.end_epochs = settings.epochs;
    job.options.steps = settings.steps.value_or(0);
    job.options.epochs = settings.epochs.value_or(1);
    if (command.given("schedule"))
        job.renew_schedule = [&command, anew = job.options.schedule](Schedule& schedule) {
            renew(command, anew, schedule);
        };
    job.stop_after = settings.stop_after;
    job.shuffle_window = settings.shuffle_window;
    job.workers = int(settings.workers.value_or(-1));
    if (command.given("math")) job.math = settings.compilation.math;
    if (settings.shuffle_window.value_or(0) > 0 && !job.options.shuffle)
        fail(Exit::usage, "--shuffle-window means nothing under --no-shuffle");
    job.workers_asked = command.get("workers").origin == Origin::command_line;
    job.warmup_asked = command.get("warmup").origin > Origin::own_source;
    job.batch_asked = command.get("batch").origin > Origin::own_source;
    if (command.given("last-batch")) job.last_batch = settings.last_batch;
    job.set = parameters(settings.set);
    for (const std::string& word : settings.freeze) job.options.freeze.push_back(freeze_rule(word));
    for (const std::string& word : settings.lr_scale) job.options.lr_scale.push_back(rate_rule(word));
    job.controls = run_controls(settings.compilation, settings.memory);
    if (job.resume.empty()) {
        const Seed seed = settle_seed(command, settings.seed);
        job.options.seed = seed.value;
        job.on_ready = [seed] { tell_seed(seed); };
    }
    job.arguments = command.arguments();
    job.record = command.record();
    return job;
}

} // namespace ds::cli
