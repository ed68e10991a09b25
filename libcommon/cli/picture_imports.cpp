// ds-data import images: pictures in folders of classes, with masks, or with a table of targets.
#include <tuple>

#include "base/error.h"
#include "cli/import_commands.h"
#include "cli/option_words.h"

namespace ds::cli {
namespace {

void check_masks(const ImportSettings& s) {
    if (s.masks.empty() && !(s.classes.empty() && s.mask_colours.empty()))
        fail(Exit::usage, "--classes and --mask-colors are for --masks");
    if (!s.classes.empty() && !s.mask_colours.empty())
        fail(Exit::usage, "--classes and --mask-colors both name the classes; give one of them");
}

void check_table(const ImportSettings& s) {
    if (!s.table.empty() && !s.masks.empty())
        fail(Exit::usage, "--table and --masks both say what the pictures show; give one of them");
    if (!s.table.empty() && s.target.empty())
        fail(Exit::usage, "--table has the targets of pictures; say which by --target COLUMN");
    const bool has_choices = !(s.target.empty() && s.file_column.empty() && s.categorical.empty() &&
                               s.label_separator.empty() && s.decimal.empty());
    if (s.table.empty() && has_choices)
        fail(Exit::usage,
             "--target, --file, --categorical, --label-separator and --decimal are for columns of a --table");
}

void take_size(const ImportSettings& s, ImageOptions& options) {
    if (!s.size.empty()) std::tie(options.height, options.width) = parse_pair(s.size, "--size");
    if (s.size.empty() && s.rule != ResizeRule::none)
        fail(Exit::usage, "--resize says how pictures get the size that --size gives; give --size, too");
    if (s.rule != ResizeRule::none) options.resize = s.rule;
}

ImageOptions image_options(const ImportSettings& s) {
    ImageOptions options;
    take_size(s, options);
    options.channels = s.channels;
    options.background = parse_colour(s.background);
    options.keep_encoded = s.keep_encoded;
    options.masks = s.masks;
    options.mask_colours = s.mask_colours;
    add_words(s.classes, options.classes);
    check_masks(s);
    options.table = s.table;
    options.file = s.file_column;
    options.columns.target = s.target;
    options.columns.categorical = all_words(s.categorical);
    options.columns.decimal = parse_decimal(s.decimal);
    options.columns.label_separator = parse_delimiter(s.label_separator, "--label-separator");
    check_table(s);
    return options;
}

void pixel_options(Command& c, ImportSettings& s) {
    c.option("--size", s.size, "HxW", "bring all images to this size").initially("as the first one is");
    resize_option(c, s.rule, "how").initially("fit");
    c.choice("--color", s.channels, "MODE", "auto: rgb as soon as one picture has colour",
             {{"auto", 0}, {"grey", 1}, {"rgb", 3}});
    c.option("--background", s.background, "COLOR",
             "under what is transparent and beside what fits: black, white, grey or RRGGBB");
    c.flag("--keep-encoded", s.keep_encoded,
           "keep the files as they are, which take less room, and decode them whenever they are read");
}

void table_options(Command& c, ImportSettings& s) {
    c.option("--table", s.table, "FILE", "the targets of the pictures, as CSV with a line of column names").files();
    c.option("--file", s.file_column, "COLUMN", "of the table: the names of the files, endings may be missing")
        .initially("the first");
    c.option("--target", s.target, "COLUMN", "of the table: the column to predict, or several, as in a,b");
    c.option("--categorical", s.categorical, "COLUMN,...", "of the table: targets that are names, whatever they hold");
    c.option("--label-separator", s.label_separator, "CHARACTER",
             "of the table: a cell of the target holds any number of labels with this between them");
    c.option("--decimal", s.decimal, "CHARACTER", "of the table: what stands before the fractions of its numbers")
        .initially("a point");
}

void class_options(Command& c, ImportSettings& s) {
    c.option("--classes", s.classes, "NAME,...", "the names of the masks' classes, from 0").initially("their numbers");
    c.option("--mask-colors", s.mask_colours, "FILE",
             "which colours of the masks are which classes: a line NAME COLOR each; the name - is no class")
        .files();
}

} // namespace

void picture_imports(Command& parent, ImportSettings& s) {
    Command& c = import_command(
        parent, s, "images",
        "a folder of images: with a folder for each class, with --table or --masks, or as they are", "the folder",
        [&s](const ImportRequest& request) { return import_images(request, image_options(s)); });
    pixel_options(c, s);
    c.option("--masks", s.masks, "FOLDER",
             "a class for each pixel: a mask picture for each picture, of its name but for the ending")
        .files();
    table_options(c, s);
    class_options(c, s);
    skip_bad_option(c, s);
}

} // namespace ds::cli
