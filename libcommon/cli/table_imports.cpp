// ds-data import csv and svmlight: tables, a row a line.
#include "base/error.h"
#include "cli/import_commands.h"
#include "cli/option_words.h"

namespace ds::cli {
namespace {

CsvOptions csv_options(const ImportSettings& s) {
    CsvOptions options;
    options.target = s.target;
    options.categorical = all_words(s.categorical);
    options.drop = all_words(s.drop);
    options.missing = words_of(s.missing);
    options.id = s.id;
    options.text = all_words(s.text);
    if (options.text.empty() && s.words != usual_words)
        fail(Exit::usage, "--words is for columns of texts; give --text COLUMN");
    options.most_words = s.words;
    options.group = s.group;
    options.weight = s.weight;
    options.delimiter = parse_delimiter(s.delimiter);
    options.decimal = parse_decimal(s.decimal);
    options.label_separator = parse_delimiter(s.label_separator, "--label-separator");
    return options;
}

/// What the columns are.
void column_options(Command& c, ImportSettings& s) {
    c.option("--target", s.target, "COLUMN", "the column to predict, or several, as in a,b");
    c.option("--categorical", s.categorical, "COLUMN,...", "columns of names, whatever they hold")
        .initially("those that hold more names than numbers");
    c.option("--missing", s.missing, "WORD,...", "cells that hold no value, as in NA,? (an empty word: empty cells)")
        .initially("empty cells");
    c.option("--text", s.text, "COLUMN,...", "columns of texts, which become words");
    words_option(c, s);
    c.option("--drop", s.drop, "COLUMN,...", "columns to leave out");
}

/// What stands beside the values: names, groups, weights of rows.
void row_options(Command& c, ImportSettings& s) {
    c.option("--id", s.id, "COLUMN", "the column that names rows; models do not take it");
    c.option("--group", s.group, "COLUMN",
             "rows with the same value of this column belong together, as those of one query do: what a "
             "ranking puts in order");
    c.option("--label-separator", s.label_separator, "CHARACTER",
             "a cell of the target holds any number of labels with this between them, as in news;sport");
    c.option("--weight", s.weight, "COLUMN", "how much a row counts in training, from 0 up; models do not take it");
}

void csv_import(Command& parent, ImportSettings& s) {
    Command& c = import_command(parent, s, "csv", "a table with a line of column names", "the file",
                                [&s](const ImportRequest& request) { return import_csv(request, csv_options(s)); });
    column_options(c, s);
    row_options(c, s);
    c.option("--decimal", s.decimal, "CHARACTER", "what stands before the fractions of numbers, as the , in 1,5")
        .initially("a point");
    c.option("--delimiter", s.delimiter, "CHARACTER", "what ends a field; or tab")
        .initially("a comma, or ; tab or | where the header has no comma");
    skip_bad_option(c, s);
}

void svmlight_import(Command& parent, ImportSettings& s) {
    Command& c =
        import_command(parent, s, "svmlight", "SVMlight, LIBSVM and LETOR files: LABEL [qid:GROUP] INDEX:VALUE ...",
                       "the file", [&s](const ImportRequest& request) {
                           return import_svmlight(request, {all_words(s.categorical), s.features});
                       });
    c.option("--categorical", s.categorical, "COLUMN,...", "label: its numbers are classes")
        .initially("labels are numbers; -1 and 1 are no and yes");
    c.option("--features", s.features, "N", "how many a row has; files of one set may end at different ones")
        .range(1, 65536)
        .initially("the greatest index");
}

} // namespace

void table_imports(Command& parent, ImportSettings& s) {
    csv_import(parent, s);
    svmlight_import(parent, s);
}

} // namespace ds::cli
