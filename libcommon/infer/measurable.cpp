#include "infer/measurable.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "graph/verify.h"
#include "infer/evaluator.h"

namespace ds {
namespace {

/// The targets of samples [begin, end), as a batch has them.
Tensor read_targets(const InputBinding& target, const DataSource& source, int64_t begin, int64_t end) {
    std::vector<int64_t> rows;
    for (int64_t i = begin; i < end; ++i) rows.push_back(source.file_row(i));
    const ColumnInfo& column = source.file().columns()[size_t(target.column)];
    std::vector<std::byte> raw(rows.size() * size_t(column.item_bytes()));
    source.file().gather(target.column, rows, raw.data());
    Dims shape = target.item;
    shape.insert(shape.begin(), end - begin);
    Tensor targets(target.dtype, shape);
    convert_file_rows(source, target, rows, raw.data(), targets.data());
    return targets;
}

/// What a model that knows nothing gives.
Tensor zeros(const Graph& graph, const std::string& output, const Binding& bound) {
    const Type type = ds::bind(graph, bound).type(graph.find_output(output)->value);
    Tensor all(type.dtype, dims(type.shape));
    std::memset(all.data(), 0, all.byte_size());
    return all;
}

} // namespace

bool is_measurable(const Model& model, const DataSource& source, const MetricRow& metric, const Binding& sizes) {
    const Task& task = task_of(model);
    if (task.windows || (!task.parts.empty() && metric.part < 0)) return true;
    const Head head = heads_of(model)[size_t(std::max(0, metric.part))];
    if (head.part.task->of_input) return true; // each input is a target of its own
    MetricRow own = metric;                    // as a row of the head's own task
    own.part = -1;
    const std::vector<InputBinding> bindings = bind_model(model, source, 0, true, sizes);
    const auto target = std::ranges::find(bindings, head.target, &InputBinding::input);
    if (target == bindings.end() || target->is_tags) return true;
    const std::unique_ptr<Metrics> metrics = make_metrics(*head.part.task);
    // Masks are large: a few MiB at a time.
    const int64_t one = zeros(model.graph, head.output("logits"), bind_sizes(model.graph, 1, 0, sizes)).byte_size();
    const int64_t at_a_time = std::clamp<int64_t>((int64_t{4} << 20) / std::max<int64_t>(1, one), 1, 64);
    for (int64_t begin = 0, look = at_a_time; begin < source.rows(); begin += at_a_time) {
        const int64_t end = std::min(source.rows(), begin + at_a_time);
        const Tensor output = zeros(model.graph, head.output("logits"), bind_sizes(model.graph, end - begin, 0, sizes));
        metrics->add(output.view(), read_targets(*target, source, begin, end), end - begin, 0, double(end - begin));
        if (end < look && end < source.rows()) continue; // after each doubling: the value costs as much as all samples
        if (!std::isnan(metrics->value(own))) return true;
        look *= 2;
    }
    return false;
}

} // namespace ds
