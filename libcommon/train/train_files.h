// Files of a training run: finding its data again, and what a checkpoint says of the run.
#pragma once

#include <memory>
#include <string>

#include "model/model_file.h"
#include "train/trainer.h"

namespace ds {

/// True for a path of a checkpoint: it exists (or is "-" or a FIFO) and is no YAML file.
bool is_checkpoint(const std::string& model);

/// The data that a run state names {name, split, digest}: `given` (by `option`) when not empty, else the file of that
/// name here or beside the checkpoint. Error(data) when its digest differs, Error(no_input) when it is not found.
std::shared_ptr<const DataSource> find_data(const Json& recorded, const std::vector<std::string>& given,
                                            const std::string& option, const std::string& checkpoint);

/// True for a checkpoint of the run that `run_state_json` is of, at whatever step; false for what cannot be read.
bool is_of_run(const std::string& path, const std::string& run_state_json);

/// Writes the run state into the model.
void describe_run(Model& model, const TrainData& data, const TrainOptions& options, const RunState& state);

/// The names of a target's classes; of an input that is bound by shape, those of the data's first target.
std::vector<std::string> labels_of(const DataSource& source, const std::string& target);
/// The model's labels and preprocessing from its training data; `places`: what its inputs have a place for.
void take_data_description(Model& model, const DataSource& source,
                           const std::map<std::string, InputPlaces>& places = {});
/// How picture files become pixels, from the data of a fine-tuning; told where it was another way before.
void take_picture_rules(Model& model, const DataSource& source);

} // namespace ds
