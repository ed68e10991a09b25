#include "cli/import_commands.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/version.h"

namespace ds::cli {

Command& import_command(Command& parent, ImportSettings& s, const std::string& name, const std::string& about,
                        const std::string& inputs, std::function<ImportSummary(const ImportRequest&)> import) {
    Command& c = parent.command(name, about);
    c.positional("FILE", s.inputs, inputs).files().required();
    output_option(c, s.output, "the data file").required();
    c.action([&c, &s, import = std::move(import)] {
        const ImportRequest request{s.inputs,      s.output,         s.skip_bad, std::string(version()),
                                    c.arguments(), c.record().dump()};
        const ImportSummary summary = import(request);
        log::info(fmt::format("{} {}{}", summary.samples, summary.unit,
                              summary.skipped ? fmt::format(", {} left out", summary.skipped) : ""));
        return Exit::ok;
    });
    return c;
}

void skip_bad_option(Command& c, ImportSettings& s) {
    c.flag("--skip-bad", s.skip_bad, "leave out what cannot be read, and count it");
}

void words_option(Command& c, ImportSettings& s) {
    c.option("--words", s.words, "N", "texts: how many words a vocabulary has, the most frequent ones").range(1, 1e6);
}

void import_commands(Command& tool, ImportSettings& s) {
    Command& c = tool.command("import", "make a data file of foreign data");
    import_command(c, s, "idx", "IDX files (MNIST and its kin), plain or gzipped", "the images, then the labels",
                   import_idx);
    import_command(c, s, "cifar", "CIFAR-10 or CIFAR-100 binary files", "data_batch_1.bin and so on", import_cifar);
    picture_imports(c, s);
    table_imports(c, s);
    text_imports(c, s);
    array_imports(c, s);
}

} // namespace ds::cli
