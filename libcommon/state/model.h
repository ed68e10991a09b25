// Model = Graph + State + what makes it usable alone: task, labels, preprocessing, tokenizer, history.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "state/state.h"

namespace ds {

/// Which weights the metrics of the last record of the history measured.
struct Measured {
    std::string weights; // "trained" or "averaged"; empty when there are no such metrics
    int64_t step = 0;    // the training step that they were of
};

struct Model {
    Graph graph; // forward, usable for inference, with its objective
    std::shared_ptr<State> state = std::make_shared<State>();
    std::vector<Slot> extra; // slots of State that training graphs add (moments, EMA, accumulators)
    std::string task;        // "classification" and so on; of several targets "NAME:TASK:WEIGHT,..."
    std::vector<std::string> labels;
    std::string preprocessing_json; // see data/preprocessing.h
    std::string tokenizer_json;
    std::string run_state_json; // where training stands; empty for a model that is not to be resumed
    std::vector<std::string> history;
    Measured measured;
    std::string digest; // hex digest of the file it came from; "" for a new one
    std::string source; // that file, as it was named
};

} // namespace ds
