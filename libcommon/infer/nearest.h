// Which rows of a data file are nearest to the inputs of a prediction, by the cosine of what the model makes of both:
// the vectors of an embedding, of pairs the second's for the data and the first's for the inputs, or the values of a
// layer.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/batch/row_ids.h"
#include "data/batch/source.h"
#include "infer/predict.h"
#include "infer/vector_index.h"

namespace ds {

/// A row of the data, as people know it.
struct NearRow {
    std::string name, label; // its id, or file and row; the name of its class, or its number; "" where it has none
    double similarity = 0;
};

/// "query,rank,neighbour,label,similarity", a line.
std::string nearest_header();
/// The lines of an input; ranks are from 1.
std::string nearest_lines(const std::string& input, const std::vector<NearRow>& rows);
/// {"sample", "nearest": [{"rank", "neighbour", "label", "similarity"}]}; rows without a label have none.
Json nearest_json(const std::string& input, const std::vector<NearRow>& rows);

class Nearest {
public:
    /// Runs the model over `data` ("catalogue.h5:train"), of pairs over each second once (data/batch/alike.h).
    /// Error(usage) for a model that gives no vectors, where no layer is named; Error(data) naming a row whose vector
    /// has no direction, which with skip_bad is told and left out.
    Nearest(const Model& model, const PredictRequest& request, const std::vector<std::string>& data);
    /// Hands over request.top rows for one input after another. Errors as predict(); an input whose vector has no
    /// direction is bad.
    PredictSummary
    of_inputs(const std::function<void(const std::string& input, const std::vector<NearRow>& rows)>& each) const;

private:
    void read();
    std::vector<bool> seen_before() const;
    std::string name_of(int64_t row) const;
    std::string label_of(int64_t row) const;
    NearRow row_of(const Neighbour& neighbour) const;

    const Model model_;
    PredictRequest request_;
    std::shared_ptr<const DataSource> data_;
    RowIds ids_;
    int label_ = -1; // the column of labels
    VectorIndex index_;
};

} // namespace ds
