// How the score of a ranking prints. Its place among those of the group is known when all of them are: Predictions.
#include <cmath>
#include <fmt/format.h>

#include "task/printing.h"
#include "task/task.h"

namespace ds {
namespace {

bool is_finite(Outputs x, const OutputNames&) { return std::isfinite(x[0]); }
std::string words(Outputs x, const OutputNames&) { return fmt::format("score {:.6g}", x[0]); }
void json(Json& one, Outputs x, const OutputNames&) { one.set("score", x[0]); }
std::vector<std::string> columns(int64_t, const OutputNames&) { return {"score"}; }
std::vector<std::string> fields(Outputs x, const OutputNames&) { return {number_text(x[0])}; }
std::vector<std::string> target_columns(int64_t, const OutputNames&) { return {"relevance"}; }
std::vector<std::string> target_fields(const Tensor& target, int64_t s, const OutputNames&) {
    return {number_text(target_number(target, s))};
}

} // namespace

const Printing score_printing{is_finite, words, json, columns, fields, target_columns, target_fields};

} // namespace ds
