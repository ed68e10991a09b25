#include "report/parameter_table.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/escape.h"

namespace ds {
namespace {

template <class T>
void moments(const Tensor& tensor, double& mean, double& deviation) {
    double sum = 0, squares = 0;
    for (T x : tensor.span<T>()) sum += double(x);
    mean = tensor.size() ? sum / double(tensor.size()) : 0;
    for (T x : tensor.span<T>()) squares += (double(x) - mean) * (double(x) - mean);
    deviation = tensor.size() ? std::sqrt(squares / double(tensor.size())) : 0;
}

ParameterRow row_of(const TensorRecord& record) {
    ParameterRow row{record.name,
                     std::string(name(record.dtype)),
                     text(record.shape),
                     to_hex(record.digest).substr(0, 12),
                     count(record.shape),
                     0,
                     0};
    if (record.dtype == DType::f32) moments<float>(record.tensor, row.mean, row.deviation);
    else if (record.dtype == DType::f64) moments<double>(record.tensor, row.mean, row.deviation);
    else row.mean = row.deviation = std::nan("");
    return row;
}

} // namespace

std::vector<ParameterRow> parameter_rows(const Checkpoint& checkpoint) {
    std::vector<ParameterRow> rows;
    for (const TensorRecord& record : checkpoint.parameters) rows.push_back(row_of(record));
    for (const TensorRecord& record : checkpoint.state) rows.push_back(row_of(record));
    return rows;
}

std::string parameter_table(const std::vector<ParameterRow>& rows) {
    size_t width = 4, shape_width = 5;
    for (const ParameterRow& r : rows) {
        width = std::max(width, visible(r.name).size());
        shape_width = std::max(shape_width, r.shape.size());
    }
    std::string out = fmt::format("{:<{}}  {:<5} {:<{}} {:>12} {:>12}  {}\n", "name", width, "dtype", "shape",
                                  shape_width, "mean", "std", "digest");
    for (const ParameterRow& r : rows)
        out += fmt::format("{:<{}}  {:<5} {:<{}} {:>12.5g} {:>12.5g}  {}\n", visible(r.name), width, r.dtype, r.shape,
                           shape_width, r.mean, r.deviation, r.digest);
    return out;
}

Json parameter_json(const std::vector<ParameterRow>& rows) {
    Json all = Json::array();
    for (const ParameterRow& r : rows) {
        Json one = Json::object();
        one.set("name", r.name).set("dtype", r.dtype).set("shape", r.shape).set("elements", r.elements);
        all.push(one.set("mean", r.mean).set("std", r.deviation).set("digest", r.digest));
    }
    return all;
}

} // namespace ds
