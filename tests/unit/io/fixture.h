// What the tests of io share: a scratch folder, small checkpoints, files as strings.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "base/error.h"
#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/content.h"

namespace ds::test {

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ds-io-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

/// A tensor of floats 0, 0.5, 1, ...
inline Tensor ramp(const Dims& shape) {
    Tensor t(DType::f32, shape);
    for (int64_t i = 0; i < t.size(); ++i) t.as<float>()[i] = float(i) * 0.5f;
    return t;
}

inline TensorRecord record(const std::string& name, Tensor tensor) {
    TensorRecord r;
    r.name = name;
    r.tensor = std::move(tensor);
    return r;
}

inline Checkpoint small_checkpoint() {
    Checkpoint c;
    c.graph_text = "graph tiny {\n  %x = input f32[N,4]\n}\n";
    c.labels = {"T-shirt/top", "Trouser", "", "Größe"};
    c.preprocessing_json = R"({"mean":[0.5]})";
    c.run_state_json = R"({"step":3})";
    c.history = {R"({"tool":"ds-data"})", R"({"tool":"ds-train"})"};
    c.parameters = {record("conv1/weight", ramp({2, 1, 3, 3})), record("conv1/bias", ramp({2}))};
    c.state = {record("adam/conv1/weight", ramp({2, 1, 3, 3})), record("step", Tensor(DType::i64, {}))};
    return c;
}

inline bool same(const Tensor& a, const Tensor& b) {
    return a.dtype() == b.dtype() && a.shape() == b.shape() &&
           (a.byte_size() == 0 || std::memcmp(a.data(), b.data(), a.byte_size()) == 0);
}

/// The message of the Error(code) that `body` must throw.
inline std::string error_of(Exit code, const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        EXPECT_EQ(int(error.code()), int(code)) << error.what();
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
}

} // namespace ds::test
