#include "cli/export_commands.h"

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/out.h"
#include "data/edit/export.h"

namespace ds::cli {
namespace {

/// A subcommand of export, with what all of them take.
Command& export_command(Command& parent, ExportSettings& s, const char* name, const char* about, const char* what,
                        bool may_be_stdout = true) {
    Command& c = parent.command(name, about);
    c.positional("FILE", s.file, "data file, or one split of it").files().required();
    Option& output = output_option(c, s.output, what, may_be_stdout).required();
    if (!may_be_stdout) output.folders();
    return c;
}

void png_command(Command& parent, ExportSettings& s) {
    Command& c = export_command(parent, s, "png", "images as PNG files, a folder a class", "the folder", false);
    c.option("-n,--rows", s.rows, "N", "only the first so many").initially("all").range(1, 1e15);
    c.action([&s] {
        if (s.output == "-") fail(Exit::usage, "images are written into a folder; - is none");
        log::info(fmt::format("{} images", export_png(DataSource(s.file), s.rows, s.output)));
        return Exit::ok;
    });
}

void npy_command(Command& parent, ExportSettings& s) {
    Command& c = export_command(parent, s, "npy", "one column as a NumPy array", "the array");
    c.option("--column", s.column, "NAME", "which column").required();
    c.action([&s] {
        if (s.output == "-") refuse_terminal("an array");
        export_npy(DataSource(s.file), s.column, s.output);
        return Exit::ok;
    });
}

void text_commands(Command& parent, ExportSettings& s) {
    export_command(parent, s, "conll", "words and their tags, a line each", "the file").action([&s] {
        export_conll(DataSource(s.file), s.output);
        return Exit::ok;
    });
    export_command(parent, s, "csv", "columns of numbers and names as a table", "the table").action([&s] {
        export_csv(DataSource(s.file), s.output);
        return Exit::ok;
    });
}

} // namespace

void export_commands(Command& tool, ExportSettings& s) {
    Command& c = tool.command("export", "write foreign formats");
    png_command(c, s);
    npy_command(c, s);
    text_commands(c, s);
}

} // namespace ds::cli
