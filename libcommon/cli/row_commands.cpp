#include "cli/row_commands.h"

#include <fmt/format.h>

#include <tuple>

#include "base/log.h"
#include "cli/data_commands.h"
#include "cli/option_words.h"
#include "data/edit/combine.h"
#include "data/edit/split.h"

namespace ds::cli {
namespace {

void split_options(Command& c, RowSettings& s) {
    c.positional("FILE", s.file, "data file").files().required();
    c.option("--val", s.validation, "N|FRACTION", "rows of the split val");
    c.option("--test", s.test, "N|FRACTION", "rows of the split test");
    c.flag("--stratify", s.stratify, "the same share of every class");
    c.option("--group", s.group, "COLUMN", "keep rows with the same value of this column together");
    c.option("--by-time", s.time, "COLUMN", "hold back the latest rows by this column instead of drawing them");
    c.option("--fold", s.fold, "K/N",
             "val is the K-th of N equal parts: the same seed gives N such files for cross-validation");
    c.option("--by", s.by, "COLUMN", "take the splits from a column of their names");
    c.flag("--force", s.force, "split a file that has splits anew");
    seed_option(c, s.seed);
    output_option(c, s.output, "the file").required();
}

SplitRequest split_request(const RowSettings& s, uint64_t seed) {
    SplitRequest request;
    request.input = s.file;
    request.output = s.output;
    request.validation = parse_share(s.validation, "--val");
    request.test = parse_share(s.test, "--test");
    request.stratify = s.stratify;
    request.seed = seed;
    request.force = s.force;
    request.group = s.group;
    request.time = s.time;
    std::tie(request.fold, request.folds) = parse_fold(s.fold);
    request.by = s.by;
    return request;
}

void split_command(Command& tool, RowSettings& s) {
    Command& c = tool.command("split", "write the file with splits train, val and test");
    split_options(c, s);
    c.action([&] {
        const bool draws = s.by.empty() && s.time.empty();
        const Seed seed = draws ? settle_seed(c, s.seed) : Seed{uint64_t(s.seed.value_or(0)), false};
        const SplitRequest request = split_request(s, seed.value);
        EditRecord record = edit_record(c);
        if (draws || s.seed) record.seed = request.seed;
        const auto made = split_data(request, record);
        tell_seed(seed);
        for (const auto& [name, rows] : made.splits) log::info(fmt::format("{}: {} samples", name, rows));
        return Exit::ok;
    });
}

void cat_command(Command& tool, RowSettings& s) {
    Command& c = tool.command("cat", "put files with the same columns one after another");
    c.positional("FILE", s.inputs, "data files, or splits of them").files().patterns().required();
    output_option(c, s.output, "the file").required();
    c.action([&] {
        log::info(fmt::format("{} samples", concatenate(s.inputs, s.output, edit_record(c))));
        return Exit::ok;
    });
}

void sample_command(Command& tool, RowSettings& s) {
    Command& c = tool.command("sample", "draw some rows");
    c.positional("FILE", s.file, "data file, or one split of it").files().required();
    c.option("-n,--rows", s.rows, "N", "how many").range(1, 1e15).required();
    seed_option(c, s.seed);
    output_option(c, s.output, "the file").required();
    c.action([&] {
        const Seed seed = settle_seed(c, s.seed);
        EditRecord record = edit_record(c);
        record.seed = seed.value;
        sample_data(s.file, s.output, s.rows, seed.value, record);
        tell_seed(seed);
        return Exit::ok;
    });
}

} // namespace

void row_commands(Command& tool, RowSettings& s) {
    split_command(tool, s);
    cat_command(tool, s);
    sample_command(tool, s);
}

} // namespace ds::cli
