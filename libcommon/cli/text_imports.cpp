// ds-data import text and conll: bytes, texts and sentences of tagged words.
#include "base/error.h"
#include "cli/import_commands.h"
#include "cli/option_words.h"

namespace ds::cli {
namespace {

ImportSummary import_documents(const ImportRequest& request, const ImportSettings& s) {
    if (!s.validation.empty())
        fail(Exit::usage, "--val is for a text without rows; ds-data split divides texts that are rows");
    return ds::import_documents(request, {s.labels, s.lines, s.words});
}

ImportSummary import_bytes(const ImportRequest& request, const ImportSettings& s) {
    for (const auto& [given, option] : {std::pair(s.words != usual_words, "--words"), {s.skip_bad, "--skip-bad"}})
        if (given) fail(Exit::usage, "{} is for texts, one a row; give --labels or --lines", option);
    return import_text(request, parse_share(s.validation, "--val"));
}

void text_import(Command& parent, ImportSettings& s) {
    Command& c = import_command(
        parent, s, "text", "text files as bytes, one after another; or texts, one a row (--labels, --lines)",
        "the files", [&s](const ImportRequest& request) {
            return s.labels || s.lines ? import_documents(request, s) : import_bytes(request, s);
        });
    c.option("--val", s.validation, "BYTES|FRACTION", "the last part of the text becomes the split val");
    c.flag("--labels", s.labels, "FILE is a folder: each folder in it is a class, each file there a text");
    c.flag("--lines", s.lines, "each line of a file is a text; with --labels, a file may be a class");
    words_option(c, s);
    skip_bad_option(c, s);
}

ConllColumns conll_columns(const std::string& text) {
    if (text.empty()) return {};
    const auto [word, tag] = parse_columns(text);
    return {word, tag};
}

void conll_import(Command& parent, ImportSettings& s) {
    Command& c =
        import_command(parent, s, "conll", "sentences whose words have tags: CoNLL, a word a line with its columns",
                       "the files", [&s](const ImportRequest& request) {
                           return import_conll(request, {conll_columns(s.column), s.words});
                       });
    c.option("--column", s.column, "NAME",
             "the numbers of the columns of word and tag, as in 1,4; of the word alone where there is no tag")
        .initially("the first and the last; of CoNLL-U 2,4");
    words_option(c, s);
    skip_bad_option(c, s);
}

} // namespace

void text_imports(Command& parent, ImportSettings& s) {
    text_import(parent, s);
    conll_import(parent, s);
}

} // namespace ds::cli
