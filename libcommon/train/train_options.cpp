// One list of fields serves writing and reading. Choices are stored by the names that --optimizer and --schedule take.
#include "train/train_options.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 3> optimizers{"sgd", "adam", "adamw"};
constexpr std::array<std::string_view, 6> schedules{"constant", "step",      "cosine",
                                                    "linear",   "one-cycle", "warmup-stable-decay"};

constexpr std::array<std::string_view, 2> maths{"fast", "strict"};

struct Writer {
    Json json = Json::object();
    template <class T>
    void choice(const char* name, T value, Names names) {
        json.set(name, names[size_t(value)]);
    }
    template <class T>
    void operator()(const char* name, const T& value) {
        if constexpr (std::is_same_v<T, uint64_t>)
            json.set(name, std::to_string(value)); // JSON integers have 63 bits here
        else json.set(name, value);
    }
    template <class T>
    void later(const char* name, const T& value) {
        (*this)(name, value);
    }
};

struct Reader {
    const Json& json;
    template <class T>
    void choice(const char* name, T& value, Names names) const {
        const bool is_later = name == std::string_view("last_batch") || name == std::string_view("math");
        if (is_later && !json.contains(name)) return; // runs of version 0.1
        const std::string word = json.get<std::string>(name);
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end())
            fail(Exit::data, "the run state has the {} '{}'{}", name, word, name_hint(word, names));
        value = T(found - names.begin());
    }
    template <class T>
    void operator()(const char* name, T& value) const {
        if constexpr (std::is_same_v<T, uint64_t>) value = number(name, json.get<std::string>(name));
        else value = json.get<T>(name);
    }
    /// What older files lack keeps its initial value.
    template <class T>
    void later(const char* name, T& value) const {
        if (json.contains(name)) (*this)(name, value);
    }
    static uint64_t number(const char* name, const std::string& text) {
        uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size())
            fail(Exit::data, "the run state has the {} '{}'", name, text);
        return value;
    }
};

template <class Options, class Visitor>
void visit(Options& o, Visitor&& v) {
    v.choice("optimizer", o.optimizer.kind, optimizers);
    v("momentum", o.optimizer.momentum);
    v("nesterov", o.optimizer.nesterov);
    v("beta1", o.optimizer.beta1);
    v("beta2", o.optimizer.beta2);
    v("eps", o.optimizer.eps);
    v("weight_decay", o.optimizer.weight_decay);
    v("decay_all", o.optimizer.decay_all);
    v("clip", o.optimizer.clip);
    v("ema", o.optimizer.ema_decay);
    v.choice("schedule", o.schedule.kind, schedules);
    v("lr", o.schedule.lr);
    v("warmup", o.schedule.warmup);
    v("lr_floor", o.schedule.floor);
    v("gamma", o.schedule.gamma);
    v("decay_every", o.schedule.every);
    v("decay_part", o.schedule.decay);
    v("batch", o.batch);
    v("accumulate", o.accumulate);
    v("epochs", o.epochs);
    v("steps", o.steps);
    v("tokens", o.tokens);
    v("seed", o.seed);
    v("shuffle", o.shuffle);
    v("flip", o.augmentation.flip);
    v("crop", o.augmentation.crop);
    v("cutout", o.augmentation.cutout);
    v.later("resized_crop", o.augmentation.resized_crop);
    v.later("rotate", o.augmentation.rotate);
    v.later("scale", o.augmentation.scale);
    v.later("color_jitter", o.augmentation.color_jitter);
    v.later("hue", o.augmentation.hue);
    v.later("randaugment", o.augmentation.randaugment);
    v.later("magnitude", o.augmentation.magnitude);
    v.later("erase", o.augmentation.erase);
    v.later("mixup", o.augmentation.mixup);
    v.later("cutmix", o.augmentation.cutmix);
    v("patience", o.patience);
    v("eval_every", o.eval_every);
    v.later("metric", o.metric);
    v.choice("last_batch", o.last_batch, last_batch_names);
    v.later("label_smoothing", o.label_smoothing);
    v.later("class_weight", o.class_weight);
    v.later("shuffle_window", o.shuffle_window);
    v.choice("math", o.math, maths);
}

// Rules are stored where there are any: runs of before have none.
template <class Rule, class Number>
void write_rules(Json& json, const char* key, const std::vector<Rule>& rules, Number Rule::*number) {
    if (rules.empty()) return;
    Json list = Json::array();
    for (const Rule& rule : rules) list.push(Json::object().set("pattern", rule.pattern).set("value", rule.*number));
    json.set(key, std::move(list));
}

template <class Rule, class Number>
void read_rules(const Json& json, const char* key, std::vector<Rule>& rules, Number Rule::*number) {
    const Json* list = json.find(key);
    if (!list) return;
    for (const Json& item : list->items()) {
        Rule rule{item.get<std::string>("pattern")};
        rule.*number = item.get<Number>("value");
        if (!(rule.*number >= 0)) fail(Exit::data, "the run state has the {} {}", key, double(rule.*number));
        rules.push_back(std::move(rule));
    }
}

} // namespace

Json TrainOptions::to_json() const {
    Writer writer;
    visit(*this, writer);
    write_rules(writer.json, "freeze", freeze, &FreezeRule::epochs);
    write_rules(writer.json, "lr_scale", lr_scale, &RateRule::factor);
    for (const auto& [symbol, size] : sizes) writer.json["sizes"].set(symbol, size);
    return std::move(writer.json);
}

TrainOptions TrainOptions::from_json(const Json& json) {
    TrainOptions options;
    visit(options, Reader{json});
    read_rules(json, "freeze", options.freeze, &FreezeRule::epochs);
    read_rules(json, "lr_scale", options.lr_scale, &RateRule::factor);
    if (const Json* sizes = json.find("sizes"))
        for (const auto& [symbol, size] : sizes->members()) options.sizes[symbol] = size.as_int();
    const bool sound =
        options.batch > 0 && options.accumulate > 0 && options.epochs > 0 && options.steps >= 0 && options.tokens >= 0;
    if (!(options.schedule.lr >= 0)) fail(Exit::data, "the run state has no learning rate");
    if (!sound) fail(Exit::data, "the run state has impossible sizes of batch or run");
    return options;
}

} // namespace ds
