// The same mathematics as an independent implementation, in float64: losses of twenty steps, the norm of every
// parameter's gradient and the running statistics, as tests/data/parity/make.py wrote them down. The whole path runs:
// model file, autodiff, optimizer and clean-up passes, fusion, plan, executor.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "model/model_file.h"
#include "pass/derive/autodiff.h"
#include "pass/derive/train_mode.h"
#include "train/train_step.h"
#include "unit/files.h"

namespace ds {
namespace {

constexpr double tolerance = 1e-8;  // relative
constexpr double floor_norm = 1e-7; // a gradient below this is rounding: it is held to 1e-15

/// As make.py: FNV-1a of the name, then SplitMix64 from there.
uint64_t bits(const std::string& name, int64_t element) {
    uint64_t h = 0xCBF29CE484222325u;
    for (char c : name) h = (h ^ uint64_t(static_cast<unsigned char>(c))) * 0x100000001B3u;
    uint64_t z = h + (uint64_t(element) + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

double uniform(const std::string& name, int64_t element) { return double(bits(name, element) >> 11) * 0x1p-52 - 1; }

double start(const Slot& slot, const Dims& shape, int64_t i) {
    const double u = uniform(slot.name, i);
    if (shape.size() > 1) return u * std::sqrt(3 / double(count(shape) / shape[0]));
    return slot.name.ends_with(".scale") ? 1 + 0.1 * u : 0.1 * u;
}

double norm(const double* x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
    return std::sqrt(sum);
}

void expect_norm(double norm, double wanted, const std::string& what) {
    EXPECT_NEAR(norm, wanted, tolerance * std::max(wanted, floor_norm)) << what;
}

class Parity : public ::testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        const std::string name = "parity/" + GetParam() + ".json";
        spec_ = Json::parse(testing::read_file(testing::data_path(name)), name);
    }

    Model build() const {
        ModelRequest request;
        request.model = testing::shipped_model(spec_.at("model").as_string());
        request.dtype = DType::f64;
        for (const auto& [name, value] : spec_.at("set").members())
            request.set[name] = value.is_string() ? value.as_string() : value.dump();
        if (const Json* columns = spec_.find("columns"))
            for (const Json& name : columns->items())
                request.data.push_back({name.as_string(), "number", {}, 0, false});
        if (!request.data.empty()) request.data.push_back({"click", "target", {}, 0, true});
        BuiltModel built = build_model(request);
        Model model;
        model.graph = std::move(built.graph);
        model.task = built.task;
        for (const Slot& slot : model.graph.slots) {
            if (slot.kind != SlotKind::parameter) continue;
            Tensor tensor(DType::f64, dims(model.graph.type(slot.value).shape));
            for (int64_t i = 0; i < tensor.size(); ++i) tensor.as<double>()[i] = start(slot, tensor.shape(), i);
            model.state->set(slot.name, std::move(tensor));
        }
        initialise(model.graph, *model.state, 0); // the running statistics
        return model;
    }

    TrainOptions options() const {
        const Json& from = spec_.at("optimizer");
        const std::string kind = from.get<std::string>("kind");
        TrainOptions options;
        options.optimizer.kind = kind == "sgd"    ? OptimizerKind::sgd
                                 : kind == "adam" ? OptimizerKind::adam
                                                  : OptimizerKind::adamw;
        options.optimizer.momentum = from.get<double>("momentum", 0.0);
        options.optimizer.nesterov = from.get<bool>("nesterov", false);
        options.optimizer.beta2 = from.get<double>("beta2", 0.999);
        options.optimizer.weight_decay = from.get<double>("weight_decay");
        options.optimizer.clip = from.get<double>("clip", 0.0);
        options.label_smoothing = spec_.get<double>("smoothing", 0.0);
        options.tokens = spec_.get<int64_t>("tokens", 0);
        return options;
    }
    double lr() const { return spec_.at("optimizer").get<double>("lr"); }

    /// Samples [begin, end) of a step's batch.
    Batch batch(const Graph& graph, int64_t step, int64_t begin, int64_t end) const {
        Batch batch;
        batch.size = end - begin;
        for (const Json& column : spec_.at("inputs").items()) {
            const std::string name = column.get<std::string>("name"), seed = name + "@" + std::to_string(step);
            const int64_t below = column.get<int64_t>("below"), ignore_every = column.get<int64_t>("ignore_every");
            Dims shape;
            for (const Json& size : column.at("shape").items()) shape.push_back(size.as_int());
            const int64_t per_sample = count(shape) / shape[0];
            shape[0] = batch.size;
            Tensor tensor(graph.type(graph.find_input(name)->value).dtype, shape);
            for (int64_t i = 0; i < tensor.size(); ++i) {
                const int64_t place = begin * per_sample + i;
                const int64_t integer = ignore_every && place % ignore_every == 0 ? -100
                                        : below ? int64_t(bits(seed, place) % uint64_t(below))
                                                : 0;
                if (tensor.dtype() == DType::i32) tensor.as<int32_t>()[i] = int32_t(integer);
                else tensor.as<double>()[i] = below ? double(integer) : uniform(seed, place);
            }
            batch.inputs[name] = std::move(tensor);
        }
        return batch;
    }
    Batch batch(const Graph& graph, int64_t step) const { return batch(graph, step, 0, batch_size()); }
    int64_t batch_size() const { return spec_.at("inputs").at(size_t{0}).at("shape").at(size_t{0}).as_int(); }

    /// Holds the gradients of a step's mean loss to the file's.
    void check_gradients(const Model& model, int64_t step, const std::string& key) const {
        Graph graph = differentiate(train_mode(model.graph, options().label_smoothing));
        graph.writes.clear();
        const size_t parameters = graph.gradients.size();
        for (const Gradient& gradient : graph.gradients) graph.add_output("gradient/" + gradient.slot, gradient.value);
        graph = optimise_for_training(std::move(graph), {});
        const Batch x = batch(model.graph, step);
        Executor executor(make_plan(graph, bind_sizes(graph, x.size, options().tokens)), model.state);
        feed_inputs(executor, x);
        executor.run();
        const double targets = scalar_output(executor, "loss.count");
        const Json::Members& wanted = spec_.at(key).members();
        ASSERT_EQ(wanted.size(), parameters);
        for (const auto& [name, value] : wanted) {
            const TensorView g = executor.output("gradient/" + name);
            expect_norm(norm(g.as<double>(), g.size()) / targets, value.as_number(), key + " of " + name);
        }
    }

    Json spec_;
};

TEST_P(Parity, LossesGradientsAndStatisticsAreTheOthers) {
    Model model = build();
    const TrainOptions train = options();
    TrainStep training(model, train, {});
    const Json::Items& losses = spec_.at("losses").items();
    for (int64_t step = 0; step < int64_t(losses.size()); ++step) {
        if (step == 0) check_gradients(model, step, "first_gradients");
        if (step + 1 == int64_t(losses.size())) check_gradients(model, step, "last_gradients");
        const StepResult result = training.run(batch(model.graph, step), step + 1, lr());
        const double wanted = losses[size_t(step)].as_number();
        EXPECT_NEAR(result.loss / result.count, wanted, tolerance * wanted) << "step " << step;
    }
    for (const auto& [name, value] : spec_.at("statistics").members()) {
        const Tensor& statistic = model.state->at(name);
        expect_norm(norm(statistic.as<double>(), statistic.size()), value.as_number(), name);
    }
}

// Micro-batches of one and of the rest: gradients are divided by the count of valid targets of them all. (Not for
// networks with batch norms: these would see the micro-batches.)
class AccumulatedParity : public Parity {};

TEST_P(AccumulatedParity, AnAccumulatedStepIsTheStepOfTheWholeBatch) {
    Model model = build();
    TrainOptions train = options();
    train.accumulate = 2;
    TrainStep training(model, train, {});
    const Json::Items& losses = spec_.at("losses").items();
    for (int64_t step = 0; step < int64_t(losses.size()); ++step) {
        training.run(batch(model.graph, step, 0, 1), step + 1, lr());
        training.run(batch(model.graph, step, 1, batch_size()), step + 1, lr());
        const StepResult result = training.apply(step + 1, lr());
        const double wanted = losses[size_t(step)].as_number();
        EXPECT_NEAR(result.loss / result.count, wanted, tolerance * wanted) << "step " << step;
    }
}

std::string test_name(const ::testing::TestParamInfo<std::string>& model) {
    std::string name = model.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Models, Parity,
                         ::testing::Values("mlp", "fashion-cnn", "resnet18", "resnet18-cifar", "gpt-tiny", "two-input"),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Models, AccumulatedParity, ::testing::Values("mlp", "fashion-cnn", "gpt-tiny", "two-input"),
                         test_name);

} // namespace
} // namespace ds
