// What kind an input of a prediction is, by its first bytes; of texts, by its name as well.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "infer/input_rows.h"

namespace ds {

enum class InputKind { data_file, texts, array, picture, table, unknown };

/// `path`: as it was given. `lines`: each line is a text.
InputKind kind_of(const std::string& path, const Source& source, const InputRows& rows, bool lines);

/// Whether a file of a folder is of the kind that the model takes; others are passed over.
bool is_wanted_of_folder(const Source& source, const InputRows& rows);

bool is_stdin(const std::string& path);

/// Error(data) for bytes of stdin with another picture behind the first: programs that write one after another to a
/// pipe mean several, and one of them would be predicted.
void refuse_second_picture(std::span<const std::byte> bytes);

} // namespace ds
