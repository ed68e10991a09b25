// Prints a part of man/ds-model-file.5.scd in scdoc's language, from the rows by which model files are read:
//     model_language sections|facts|functions|common|layers|initialisations|losses|loss-options
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <string>

#include "cli/help.h"
#include "graph/init.h"
#include "model/function.h"
#include "model/layers/row.h"
#include "model/loss.h"
#include "model/losses/row.h"
#include "model/parameters.h"

using namespace ds;

namespace {

/// True for a word of prose: not i32, max(x, 0) or the x of a formula.
bool begins_a_sentence(std::string_view doc) {
    const std::string_view word = doc.substr(0, doc.find(' '));
    if (word.size() == 1) return word == "a";
    return word.find_first_not_of("abcdefghijklmnopqrstuvwxyz,") == word.npos;
}

std::string words(std::string_view doc) {
    std::string out = cli::scdoc_text(doc);
    if (begins_a_sentence(doc)) out[0] = char(std::toupper(static_cast<unsigned char>(out[0])));
    return out + ".";
}

std::string entry(const std::string& title, std::string_view doc, const std::string& indent = "") {
    return indent + title + "\n" + indent + "\t" + words(doc) + "\n\n";
}

std::string bold(std::string_view name) { return "*" + cli::scdoc_text(name) + "*"; }

std::string kind_of(const OptionRow& row) {
    using enum OptionType;
    switch (row.type) {
    case size: return "whole number from 1";
    case whole: return "whole number from 0";
    case integer: return "whole number";
    case number: return "number";
    case truth: return "true or false";
    case word: return "text";
    case words: return "text or list of texts";
    case sizes: return "whole number from 1, or [height, width]";
    case paddings: return "whole number from 0, or [height, width]";
    case init: return "initialisation";
    case layers: return "list of layers";
    }
    return "";
}

std::string option(const OptionRow& row, std::string_view main, const std::string& indent) {
    std::string notes = kind_of(row);
    if (!row.fallback) notes += ", needed";
    else if (!row.fallback->empty()) notes += ", else " + std::string(*row.fallback);
    if (row.name == main) notes += "; the main option";
    return entry(fmt::format("{} ({})", bold(row.name), cli::scdoc_text(notes)), row.doc, indent);
}

std::string options(std::span<const OptionRow> rows) {
    std::string out;
    for (const OptionRow& row : rows) out += option(row, "", "");
    return out;
}

std::string sections() {
    std::string out;
    for (const SectionRow& row : section_rows())
        out += entry(bold(row.name) + (row.needed ? " (needed)" : ""), row.doc);
    return out;
}

std::string facts() {
    std::string out;
    for (const FactRow& row : fact_rows())
        out += entry(bold(row.name) + (row.name.ends_with('.') ? "_NAME_" : ""), row.doc);
    return out;
}

std::string functions() {
    std::string out;
    for (const FunctionRow& row : function_rows())
        out += entry(fmt::format("*{}({})*", cli::scdoc_text(row.name), cli::scdoc_text(row.arguments)), row.doc);
    return out;
}

std::string layers() {
    std::string out;
    for (const LayerFamily& family : layer_families()) {
        out += "## " + std::string(family.name) + "\n\n";
        for (const LayerRow& layer : family.rows) {
            out += entry(bold(layer.name), layer.doc);
            for (const OptionRow& row : layer.options) out += option(row, layer.main, "\t");
        }
    }
    return out;
}

std::string initialisations() {
    std::string out;
    for (const InitRow& row : init_rows()) {
        const std::string number = cli::scdoc_text(row.argument_name);
        out += entry(row.argument == InitRow::Argument::none       ? bold(row.name)
                     : row.argument == InitRow::Argument::required ? fmt::format("{}(_{}_)", bold(row.name), number)
                                                                   : fmt::format("{}[(_{}_)]", bold(row.name), number),
                     row.doc);
    }
    return out;
}

std::string losses() {
    std::string out;
    for (const LossRow& row : loss_rows()) out += entry(bold(row.name), row.doc);
    return out;
}

} // namespace

int main(int argc, char** argv) {
    const std::map<std::string, std::string (*)()> parts{
        {"sections", sections},   {"facts", facts},
        {"functions", functions}, {"common", [] { return options(common_options()); }},
        {"layers", layers},       {"initialisations", initialisations},
        {"losses", losses},       {"loss-options", [] { return options(loss_options()); }}};
    const auto part = parts.find(argc == 2 ? argv[1] : "");
    if (part == parts.end()) return std::fputs("model_language: which part of the page?\n", stderr), 64;
    return std::fputs(part->second().c_str(), stdout) < 0 || std::fclose(stdout) != 0 ? 74 : 0;
}
