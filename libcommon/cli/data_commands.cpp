#include "cli/data_commands.h"

#include <algorithm>
#include <map>
#include <random>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/out.h"
#include "data/edit.h"
#include "data/import.h"

namespace ds::cli {
namespace {

void import_command(Command& parent, DataSettings& s, const std::string& name, const std::string& about, const std::string& inputs,
                    ImportSummary (*import)(const ImportRequest&)) {
    Command& c = parent.command(name, about);
    c.positional("FILE", s.inputs, inputs).files().required();
    output_option(c, s.output, "the data file").required();
    c.flag("--skip-bad", s.skip_bad, "leave out what cannot be read, and count it");
    c.action([&c, &s, import] {
        ImportRequest request{s.inputs, s.output, s.skip_bad, std::string(version()), c.arguments(), c.record().dump()};
        const ImportSummary summary = import(request);
        log::info(fmt::format("{} samples{}", summary.samples, summary.skipped ? fmt::format(", {} skipped", summary.skipped) : ""));
        return Exit::ok;
    });
}

EditRecord edit_record(const Command& c) { return {std::string(version()), c.arguments(), c.record().dump(), {}}; }

void label_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("label", "give the classes names; rewrites the files");
    c.positional("FILE", s.inputs, "data files").files().required();
    c.option("--names", s.names, "FILE", "one name a line, in the order of the class numbers").files().required();
    c.action([&] {
        const std::vector<std::string> names = read_names(s.names);
        for (const std::string& file : s.inputs) {
            EditRecord record = edit_record(c);
            record.arguments = {"label", base_name(file), "--names=" + base_name(s.names)}; // what concerns this file
            name_classes(file, names, record);
        }
        return Exit::ok;
    });
}

void split_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("split", "write the file with splits train and val");
    c.positional("FILE", s.file, "data file").files().required();
    c.option("--val", s.validation, "N|FRACTION", "rows of the split val").required();
    c.flag("--stratify", s.stratify, "the same share of every class");
    seed_option(c, s.seed);
    output_option(c, s.output, "the file").required();
    c.action([&] {
        SplitRequest request{s.file, s.output, 0, 0, s.stratify, uint64_t(s.seed.value_or(0))};
        try {
            request.validation = std::stod(s.validation);
        } catch (const std::exception&) {
            fail(Exit::usage, "--val takes a count or a fraction, not '{}'", s.validation);
        }
        EditRecord record = edit_record(c);
        record.seed = request.seed;
        for (const auto& [name, rows] : split_data(request, record).splits) log::info(fmt::format("{}: {} samples", name, rows));
        return Exit::ok;
    });
}

} // namespace

void data_commands(Command& tool, DataSettings& s) {
    Command& import = tool.command("import", "make a data file of foreign data");
    import_command(import, s, "idx", "IDX files (MNIST and its kin), plain or gzipped", "the images, then the labels", import_idx);
    label_command(tool, s);
    split_command(tool, s);
}

} // namespace ds::cli
