// What measuring keeps of samples is what the rows of tasks say, by which --dry-run and --memory count it.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>

#include "task/task.h"
#include "tensor/tensor.h"

namespace ds {
namespace {

constexpr int64_t batch = 1000, batches = 200;

size_t in_use() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
}

/// Bytes that are in use behind all samples and all metrics of them.
double kept(const Task& task, const Dims& of_sample, const Dims& target_of_sample, DType target_type) {
    Dims shape = of_sample, target_shape = target_of_sample;
    shape.insert(shape.begin(), batch);
    target_shape.insert(target_shape.begin(), batch);
    Tensor output(DType::f32, shape), target(target_type, target_shape);
    for (int64_t i = 0; i < output.size(); ++i) output.as<float>()[i] = float(std::sin(double(i)));
    for (int64_t i = 0; i < target.size(); ++i)
        if (target_type == DType::f32) target.as<float>()[i] = float(i % 3 == 0);
        else target.as<int32_t>()[i] = int32_t(i % 3);
    const std::unique_ptr<Metrics> metrics = make_metrics(task);
    metrics->expect(batch * batches);
    const size_t before = in_use();
    for (int64_t i = 0; i < batches; ++i) metrics->add(output.view(), target, batch, 1, 1);
    metrics->values();
    return double(in_use()) - double(before);
}

TEST(Kept, IsWhatTheRowSays) {
    struct Case {
        const Task& task;
        Dims output, target;
        DType target_type;
    };
    for (const Case& c : {Case{classification_task, {3}, {}, DType::i32}, Case{binary_task, {}, {}, DType::f32},
                          Case{regression_task, {2}, {2}, DType::f32}, Case{multi_label_task, {4}, {4}, DType::f32},
                          Case{text_task, {2, 3}, {2}, DType::i32}, Case{reconstruction_task, {5}, {5}, DType::f32}}) {
        const double bytes = kept(c.task, c.output, c.target, c.target_type);
        if (bytes == 0) GTEST_SKIP() << "this allocator does not count";
        const auto said = double(batch * batches * (c.task.kept_of_sample + count(c.output) * c.task.kept_bytes));
        EXPECT_LT(bytes, said * 1.05 + 1e5) << c.task.name;
        EXPECT_GT(bytes, said * 0.75 - 1e5) << c.task.name;
    }
}

struct Measuring {
    const Task& task;
    Dims output, target;
    DType target_type;
    int64_t each = 1; // rows of a group, of those that belong together
};

Tensor numbers(DType type, const Dims& shape, int64_t kinds) {
    Tensor tensor(type, shape);
    for (int64_t i = 0; i < tensor.size(); ++i)
        if (type == DType::f32) tensor.as<float>()[i] = kinds > 0 ? float(i % kinds) : float(std::sin(double(i)));
        else tensor.as<int32_t>()[i] = int32_t(i % kinds);
    return tensor;
}

/// Bytes in use behind all samples and metrics, and what is freed before: the lists by which neighbours are found.
TEST(Kept, OfWordsPixelsListsAndVectorsToo) {
    constexpr int64_t rows = 500, times = 8;
    const auto with_rows = [&](Dims shape) { return shape.insert(shape.begin(), rows), shape; };
    for (const Measuring& p :
         {Measuring{tagging_task, {6, 5}, {6}, DType::i32},
          Measuring{token_classification_task, {3, 4}, {3}, DType::i32},
          Measuring{segmentation_task, {4, 4, 7}, {4, 4}, DType::i32}, Measuring{ranking_task, {1}, {}, DType::f32, 10},
          Measuring{ranking_task, {}, {}, DType::f32, 100}, Measuring{embedding_task, {32}, {}, DType::i32},
          Measuring{retrieval_task, {32}, {32}, DType::f32}}) {
        const Tensor output = numbers(DType::f32, with_rows(p.output), 0),
                     target = numbers(p.target_type, with_rows(p.target),
                                      p.target.size() == 1 && p.target_type == DType::f32 ? 0 : 3);
        Tensor groups(DType::i32, {rows, 2});
        const std::unique_ptr<Metrics> metrics = make_metrics(p.task);
        metrics->expect(rows * times);
        const size_t before = in_use();
        for (int64_t i = 0; i < times; ++i) {
            for (int64_t r = 0; r < rows; ++r)
                groups.as<int32_t>()[2 * r] = groups.as<int32_t>()[2 * r + 1] = int32_t((i * rows + r) / p.each);
            metrics->add(output.view(), target, rows, 1, 1, &groups);
        }
        metrics->values();
        const double bytes = double(in_use()) - double(before);
        if (bytes == 0) GTEST_SKIP() << "this allocator does not count";
        const int64_t classes = p.output.empty() ? 1 : p.output.back();
        const auto said =
            double(rows * times *
                   (p.task.kept_of_sample + classes * p.task.kept_of_class + count(p.output) * p.task.kept_bytes));
        EXPECT_LT(bytes, said * 1.05 + 2e4) << p.task.name << p.each;
        EXPECT_GT(bytes, said * (p.task.vectors > 0 ? 0.4 : 0.5) - 2e4)
            << p.task.name << p.each; // vectors: lists are gone
    }
}

} // namespace
} // namespace ds
