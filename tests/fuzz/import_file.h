// Importers read files: a fuzz target gives them its input in temporary ones.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/error.h"
#include "data/import/import.h"
#include "io/data_file/data_file.h"

namespace ds::fuzz {

/// Imports files with these contents: an Error, or a data file that is whole.
inline void import_files(const std::function<ImportSummary(const ImportRequest&)>& import,
                         const std::vector<std::span<const uint8_t>>& contents) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("ds-fuzz-import-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    ImportRequest request;
    request.output = folder / "out.h5";
    request.options_json = "{}";
    for (const std::span<const uint8_t> content : contents) {
        request.inputs.push_back(folder / std::to_string(request.inputs.size()));
        std::ofstream(request.inputs.back(), std::ios::binary)
            .write(reinterpret_cast<const char*>(content.data()), std::streamsize(content.size()));
    }
    try {
        const ImportSummary summary = import(request);
        const DataFileReader reader(request.output);
        reader.verify();
        if (reader.rows() != summary.samples || summary.samples == 0) std::abort();
    } catch (const Error& error) {
        if (error.code() == Exit::bug) std::abort();
    }
    std::filesystem::remove_all(folder);
}

} // namespace ds::fuzz
