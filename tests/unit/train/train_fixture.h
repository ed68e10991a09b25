// Small data, small models and runs of them, for the tests of the trainer.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "base/rng.h"
#include "model/model_file.h"
#include "train/train_files.h"
#include "train/trainer.h"
#include "unit/io/fixture.h"

namespace ds::testing {

inline const char* const cnn_file = R"(inputs: {image: "f32[N,2,6,6]"}
layers:
  - conv: {name: conv, channels: 6, kernel: 3, bias: false}
  - batch_norm: {name: norm}
  - relu
  - max_pool: 2
  - flatten
  - dropout: 0.3
  - linear: {name: classifier, units: 3}
loss: {kind: cross_entropy, target: label}
)";

inline const char* const mlp_file = R"(inputs: {x: "f32[N,5]"}
layers:
  - linear: {name: hidden, units: 8}
  - layer_norm: {name: norm}
  - relu
  - dropout: 0.25
  - linear: {name: classifier, units: 3}
loss: {kind: cross_entropy, target: label}
)";

inline const char* const normed_file = R"(inputs: {x: "f32[N,5]"}
layers:
  - linear: {name: hidden, units: 8}
  - batch_norm: {name: norm}
  - relu
  - linear: {name: classifier, units: 3}
loss: {kind: cross_entropy, target: label}
)";

inline const char* const transformer_file = R"(inputs: {tokens: "i32[N,T]"}
layers:
  - embedding: {name: token, rows: 256, width: 8}
  - position: {name: position, rows: 6}
  - residual:
      - layer_norm: {name: norm}
      - attention: {name: attention, heads: 2, causal: true}
      - dropout: 0.2
  - linear: {name: head, units: 256, bias: false}
loss: {kind: cross_entropy, target: targets}
)";

/// `rows` samples: image u8 [2,6,6], x f32 [5] (element `bad` is NaN), label of three classes (-100 where i % ignore ==
/// 0).
inline void write_samples(const std::string& path, int64_t rows, int64_t bad = -1, int64_t ignore = 0) {
    DataFileWriter writer(path);
    std::vector<uint8_t> image(size_t(rows * 72));
    std::vector<float> x(size_t(rows * 5));
    std::vector<int32_t> label(static_cast<size_t>(rows));
    rng::Sequence random(11, rng::Stream::init);
    for (uint8_t& p : image) p = uint8_t(random.below(256));
    for (float& v : x) v = float(random.normal());
    for (int64_t i = 0; i < rows; ++i)
        label[size_t(i)] = ignore > 0 && i % ignore == 0 ? -100 : int32_t(random.below(3));
    if (bad >= 0) x[size_t(bad)] = std::nanf("");
    const auto append = [&](ColumnInfo column, const auto& values) {
        writer.append(writer.add_column(std::move(column)), std::as_bytes(std::span(values)));
    };
    append({"image", DType::u8, {2, 6, 6}, false, "image", {}, {}}, image);
    append({"x", DType::f32, {5}, false, "number", {}, {}}, x);
    append({"label", DType::i32, {}, false, "target", {"a", "b", "c"}, {}}, label);
    writer.set_meta("{}");
    writer.commit();
}

inline void write_text(const std::string& path, int64_t bytes) {
    DataFileWriter writer(path);
    std::vector<uint8_t> text(static_cast<size_t>(bytes));
    for (size_t i = 0; i < text.size(); ++i) text[i] = uint8_t('a' + (i * i) % 23);
    const int64_t lengths[] = {bytes / 3, 0, bytes - bytes / 3};
    writer.append_ragged(writer.add_column({"tokens", DType::u8, {}, true, "text", {}, {}}),
                         std::as_bytes(std::span(text)), lengths);
    writer.set_meta("{}");
    writer.commit();
}

inline Model new_model(const char* file, const DataSource& data, uint64_t seed, DType dtype = DType::f32) {
    ModelRequest request;
    request.dtype = dtype;
    request.data = data.facts();
    std::string text = file;
    for (size_t at; dtype == DType::f64 && (at = text.find("f32")) != std::string::npos;) text.replace(at, 3, "f64");
    BuiltModel built = build_model(Yaml::parse(text, "test"), "test", request);
    Model model;
    model.graph = std::move(built.graph);
    model.task = std::move(built.task);
    take_data_description(model, data);
    initialise(model.graph, *model.state, seed);
    return model;
}

/// Every slot, byte by byte.
inline std::map<std::string, std::string> bytes_of(const Model& model) {
    std::map<std::string, std::string> all;
    for (const std::string& name : model.state->names()) {
        const Tensor& t = model.state->at(name);
        all[name] = std::string(reinterpret_cast<const char*>(t.data()), t.byte_size());
    }
    return all;
}

inline void expect_same_state(const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b,
                              const std::string& what) {
    ASSERT_EQ(a.size(), b.size()) << what;
    for (const auto& [name, bytes] : a) EXPECT_TRUE(b.count(name) && b.at(name) == bytes) << what << ": " << name;
}

/// Every slot of floats as doubles.
inline std::map<std::string, std::vector<double>> numbers_of(const Model& model) {
    std::map<std::string, std::vector<double>> all;
    for (const std::string& name : model.state->names()) {
        const Tensor& t = model.state->at(name);
        for (int64_t i = 0; i < t.size(); ++i)
            all[name].push_back(t.dtype() == DType::f64   ? t.as<double>()[i]
                                : t.dtype() == DType::f32 ? double(t.as<float>()[i])
                                                          : 0);
    }
    return all;
}

inline double largest_difference(const std::map<std::string, std::vector<double>>& a,
                                 const std::map<std::string, std::vector<double>>& b) {
    double worst = 0;
    for (const auto& [name, values] : a) {
        if (name.starts_with("accumulator/") || name.starts_with("objective/")) continue;
        const auto found = b.find(name);
        if (found == b.end() || found->second.size() != values.size()) return HUGE_VAL;
        for (size_t i = 0; i < values.size(); ++i) worst = std::max(worst, std::abs(values[i] - found->second[i]));
    }
    return worst;
}

inline TrainObserver stop_after(int64_t step) {
    TrainObserver observer;
    observer.stop = [step](const StepReport& report) { return report.step == step ? std::string("test") : ""; };
    return observer;
}

} // namespace ds::testing
