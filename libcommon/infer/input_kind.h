// What kind an input of a prediction is, by its first bytes; for a model of texts, by its name: a text may begin with
// any line.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "infer/input_rows.h"
#include "infer/predict.h"

namespace ds {

enum class InputKind { data_file, texts, array, picture, table, unknown };

/// `path`: as it was given.
InputKind kind_of(const std::string& path, const Source& source, const InputRows& rows, const PredictRequest& request);

/// Whether a file of a folder is of the kind that the model takes; others are passed over.
bool is_wanted_of_folder(const Source& source, const InputRows& rows);

bool is_stdin(const std::string& path);

/// Error(data) for bytes of stdin with another picture behind the first: programs that write one after another to a
/// pipe mean several, and one of them would be predicted.
void refuse_second_picture(std::span<const std::byte> bytes);

} // namespace ds
