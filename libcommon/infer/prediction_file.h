// Predictions as CSV: the rows of the tables that came in, each with its prediction behind; or, for pictures and
// arrays, the sample's name and its prediction. The fields of a prediction that could not be made are empty.
#pragma once

#include "base/atomic_file.h"
#include "infer/predictions.h"

namespace ds {

class PredictionFile {
public:
    explicit PredictionFile(const std::string& path) : file_(path, Content::text), path_(path) {} // "-" is stdout
    /// Error(data) when the columns are not those of before, or a column of the table is called as one of the
    /// prediction.
    void add(const Predictions& some);
    void commit() { file_.commit(); }

private:
    void begin(const std::vector<std::string>& columns);
    AtomicFile file_;
    std::string path_;
    std::vector<std::string> columns_;
};

} // namespace ds
