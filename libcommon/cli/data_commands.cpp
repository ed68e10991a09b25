#include "cli/data_commands.h"

#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/option_words.h"
#include "cli/out.h"
#include "data/edit/describe.h"
#include "data/edit/label.h"
#include "data/edit/plot_columns.h"
#include "io/checkpoint/checkpoint.h"

namespace ds::cli {
namespace {

void label_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("label", "give the classes names; rewrites the files");
    c.positional("FILE", s.inputs, "data files").files().required();
    c.option("--names", s.names, "FILE", "one name a line, in the order of the class numbers").files().required();
    c.action([&] {
        const std::vector<std::string> names = read_names(s.names);
        for (const std::string& file : s.inputs) check_class_names(file, names);
        for (const std::string& file : s.inputs) {
            EditRecord record = edit_record(c); // of what concerns this file
            record.arguments = {"label", base_name(file), "--names=" + base_name(s.names)};
            record.options_json = c.record().set("file", std::vector{base_name(file)}).dump();
            if (s.names != "-") record.others.push_back({base_name(s.names), to_hex(input_digest(s.names)), ""});
            name_classes(file, names, record);
        }
        return Exit::ok;
    });
}

void info_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("info", "say what a data file holds");
    c.positional("FILE", s.file, "data file, or one split of it").files().required();
    json_option(c, s.json);
    c.option("--plot", s.plot, "FILE", "also draw what each column holds, as .png or .svg")
        .endings({".png", ".svg"})
        .not_recorded();
    c.action([&] {
        const DataSource source(s.file);
        const Json description = describe(source);
        if (!s.plot.empty()) plot_columns(source, s.plot);
        out().write(s.json ? description.dump(2) + "\n" : description_text(description));
        return Exit::ok;
    });
}

void show_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("show", "draw the first images with their labels");
    c.positional("FILE", s.file, "data file, or one split of it").files().required();
    c.option("--grid", s.grid, "RxC", "rows and columns of the picture");
    c.option("--predictions", s.predictions, "FILE",
             "what ds-eval --predictions said of these samples: drawn beside what they are")
        .files();
    output_option(c, s.output, "the picture, .png or .svg,", false).endings({".png", ".svg"}).required();
    c.action([&] {
        const auto [rows, columns] = parse_pair(s.grid, "--grid");
        if (rows * columns > 10'000) fail(Exit::usage, "--grid {} is too large a picture", s.grid);
        if (s.predictions.empty()) draw_samples(DataSource(s.file), rows, columns, s.output);
        else draw_predictions(DataSource(s.file), s.predictions, rows, columns, s.output);
        return Exit::ok;
    });
}

void verify_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("verify", "check the seal and every digest; exit 65 when one does not hold");
    c.positional("FILE", s.inputs, "data files").files().required();
    c.action([&] {
        for (const std::string& file : s.inputs) {
            DataFileReader(file).verify();
            log::info(fmt::format("{}: whole", input_name(file)));
        }
        return Exit::ok;
    });
}

} // namespace

EditRecord edit_record(const Command& c) { return {std::string(version()), c.arguments(), c.record().dump(), {}}; }

void data_commands(Command& tool, DataSettings& s) {
    import_commands(tool, s.imports);
    label_command(tool, s);
    info_command(tool, s);
    row_commands(tool, s.rows);
    table_commands(tool, s.tables);
    show_command(tool, s);
    export_commands(tool, s.exports);
    verify_command(tool, s);
}

} // namespace ds::cli
