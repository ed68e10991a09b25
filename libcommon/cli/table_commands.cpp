#include "cli/table_commands.h"

#include "base/error.h"
#include "base/log.h"
#include "cli/data_commands.h"
#include "cli/option_words.h"
#include "data/edit/filter.h"
#include "data/edit/join.h"
#include "data/edit/select.h"

namespace ds::cli {
namespace {

void select_command(Command& tool, TableSettings& s) {
    Command& c = tool.command("select", "keep some columns");
    c.positional("FILE", s.file, "data file").files().required();
    c.option("--columns", s.columns, "COLUMN,...", "columns to keep, in this order");
    c.option("--drop", s.drop, "COLUMN,...", "columns to leave out");
    output_option(c, s.output, "the file").required();
    c.action([&] {
        SelectRequest request{s.file, s.output};
        request.columns = all_words(s.columns);
        request.drop = all_words(s.drop);
        if (!request.columns.empty() && !request.drop.empty())
            fail(Exit::usage, "--columns keeps columns and --drop leaves some out; give one of them");
        log::info(fmt::format("{} columns", select_columns(request, edit_record(c))));
        return Exit::ok;
    });
}

void filter_command(Command& tool, TableSettings& s) {
    Command& c = tool.command("filter", "keep the rows for which a condition holds");
    c.positional("FILE", s.file, "data file, or one split of it").files().required();
    c.option("--where", s.where, "CONDITION", "as in 'age > 30 and (city == \"Rome\" or missing(pay))'").required();
    output_option(c, s.output, "the file").required();
    c.action([&] {
        log::info(fmt::format("{} samples", filter_data(s.file, s.output, s.where, edit_record(c))));
        return Exit::ok;
    });
}

void join_command(Command& tool, TableSettings& s) {
    Command& c = tool.command("join", "put a second file's columns beside the first one's, by a key");
    c.positional("FILE", s.inputs, "the two data files, or splits of them").files().required();
    c.option("--on", s.key, "COLUMN", "the key, which both have: ids, names or whole numbers").required();
    c.flag("--left", s.left, "also keep rows without a partner: its numbers and names are missing in them");
    output_option(c, s.output, "the file").required();
    c.action([&] {
        if (s.inputs.size() != 2) fail(Exit::usage, "join takes two files, not {}", s.inputs.size());
        const JoinSummary done = join_data({s.inputs[0], s.inputs[1], s.output, s.key, s.left}, edit_record(c));
        if (done.unmatched)
            log::warning(fmt::format("{} rows of {} have no partner in {}; {}", done.unmatched, s.inputs[0],
                                     s.inputs[1], s.left ? "there its columns are missing" : "they are left out"));
        if (done.unused) log::info(fmt::format("{} rows of {} are nobody's partner", done.unused, s.inputs[1]));
        log::info(fmt::format("{} samples", done.rows));
        return Exit::ok;
    });
}

} // namespace

void table_commands(Command& tool, TableSettings& s) {
    select_command(tool, s);
    filter_command(tool, s);
    join_command(tool, s);
}

} // namespace ds::cli
