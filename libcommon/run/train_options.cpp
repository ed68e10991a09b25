// One list of fields serves writing and reading.
#include "run/train_options.h"

namespace ds {
namespace {

struct Writer {
    Json json = Json::object();
    template <class T> void operator()(const char* name, const T& value) {
        if constexpr (std::is_enum_v<T>) json.set(name, int64_t(value));
        else if constexpr (std::is_same_v<T, uint64_t>) json.set(name, std::to_string(value)); // JSON integers have 63 bits here
        else json.set(name, value);
    }
};

struct Reader {
    const Json& json;
    template <class T> void operator()(const char* name, T& value) const {
        if constexpr (std::is_enum_v<T>) value = T(json.get<int64_t>(name));
        else if constexpr (std::is_same_v<T, uint64_t>) value = std::stoull(json.get<std::string>(name));
        else value = json.get<T>(name);
    }
};

template <class Options, class Visitor>
void visit(Options& o, Visitor&& v) {
    v("optimizer", o.optimizer.kind);
    v("momentum", o.optimizer.momentum);
    v("nesterov", o.optimizer.nesterov);
    v("beta1", o.optimizer.beta1);
    v("beta2", o.optimizer.beta2);
    v("eps", o.optimizer.eps);
    v("weight_decay", o.optimizer.weight_decay);
    v("decay_all", o.optimizer.decay_all);
    v("clip", o.optimizer.clip);
    v("ema", o.optimizer.ema_decay);
    v("schedule", o.schedule.kind);
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
    v("patience", o.patience);
    v("eval_every", o.eval_every);
}

} // namespace

Json TrainOptions::to_json() const {
    Writer writer;
    visit(*this, writer);
    return std::move(writer.json);
}

TrainOptions TrainOptions::from_json(const Json& json) {
    TrainOptions options;
    visit(options, Reader{json});
    return options;
}

} // namespace ds
