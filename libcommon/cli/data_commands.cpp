#include "cli/data_commands.h"

#include <cctype>
#include <charconv>
#include <tuple>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/out.h"
#include "data/edit/combine.h"
#include "data/edit/describe.h"
#include "data/edit/export.h"
#include "data/edit/label.h"
#include "data/edit/plot_columns.h"
#include "data/edit/split.h"
#include "io/checkpoint/checkpoint.h"

namespace ds::cli {
namespace {

/// "32x24" as height and width; one number is both.
std::pair<int64_t, int64_t> parse_pair(const std::string& text, const char* option) {
    std::pair<int64_t, int64_t> pair{0, 0};
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, pair.first);
    pair.second = pair.first;
    bool sound = first.ec == std::errc{} && pair.first > 0;
    if (sound && first.ptr != end) {
        const auto second = std::from_chars(first.ptr + 1, end, pair.second);
        sound = *first.ptr == 'x' && second.ec == std::errc{} && second.ptr == end && pair.second > 0;
    }
    if (!sound || pair.first > max_image_side || pair.second > max_image_side)
        fail(Exit::usage, "{} takes HEIGHTxWIDTH, such as 28x28, not '{}'", option, text);
    return pair;
}

/// A count, or a fraction of the rows.
double parse_part(const std::string& text, const char* option) {
    double part = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    const bool sound = error == std::errc{} && end == text.data() + text.size() && part >= 0 && part < 1e15 &&
                       (part < 1 || part == double(int64_t(part)));
    if (!sound) fail(Exit::usage, "{} takes a count or a fraction, not '{}'", option, text);
    return part;
}

/// The words of a list with commas; an empty one is a word, too.
std::vector<std::string> words_of(const std::string& list) {
    std::vector<std::string> words(1);
    for (const char c : list)
        if (c == ',') words.emplace_back();
        else words.back() += c;
    return words;
}

char parse_delimiter(const std::string& text, const char* option = "--delimiter") {
    if (text.empty()) return 0;
    const std::string one = text == "tab" || text == "\\t" ? "\t" : text;
    const bool sound = one.size() == 1 && std::string_view("\"\r\n").find(one[0]) == std::string_view::npos &&
                       static_cast<unsigned char>(one[0]) < 128 && !std::isalnum(static_cast<unsigned char>(one[0]));
    if (!sound) fail(Exit::usage, "{} takes one character such as ; or the word tab, not '{}'", option, text);
    return one[0];
}

/// A subcommand of import; `refine` adds its own options.
void import_command(Command& parent, DataSettings& s, const std::string& name, const std::string& about,
                    const std::string& inputs, std::function<ImportSummary(const ImportRequest&)> import,
                    const std::function<void(Command&)>& refine = {}) {
    Command& c = parent.command(name, about);
    c.positional("FILE", s.inputs, inputs).files().required();
    output_option(c, s.output, "the data file").required();
    if (refine) refine(c);
    c.action([&c, &s, import = std::move(import)] {
        const ImportRequest request{s.inputs,      s.output,         s.skip_bad, std::string(version()),
                                    c.arguments(), c.record().dump()};
        const ImportSummary summary = import(request);
        log::info(fmt::format("{} {}{}", summary.samples, summary.unit,
                              summary.skipped ? fmt::format(", {} left out", summary.skipped) : ""));
        return Exit::ok;
    });
}

void skip_bad_option(Command& c, DataSettings& s) {
    c.flag("--skip-bad", s.skip_bad, "leave out what cannot be read, and count it");
}

ImageOptions image_options(const DataSettings& s) {
    ImageOptions options;
    if (!s.size.empty()) std::tie(options.height, options.width) = parse_pair(s.size, "--size");
    if (s.size.empty() && s.rule != ResizeRule::none)
        fail(Exit::usage, "--resize says how pictures get the size that --size gives; give --size, too");
    if (s.rule != ResizeRule::none) options.resize = s.rule;
    options.channels = s.channels;
    options.background = parse_colour(s.background);
    options.keep_encoded = s.keep_encoded;
    options.masks = s.masks;
    options.mask_colours = s.mask_colours;
    add_words(s.classes, options.classes);
    if (s.masks.empty() && !(s.classes.empty() && s.mask_colours.empty()))
        fail(Exit::usage, "--classes and --mask-colors are for --masks");
    if (!s.classes.empty() && !s.mask_colours.empty())
        fail(Exit::usage, "--classes and --mask-colors both name the classes; give one of them");
    options.table = s.table;
    options.file = s.file_column;
    options.columns.target = s.target;
    for (const std::string& list : s.categorical) add_words(list, options.columns.categorical);
    options.columns.label_separator = parse_delimiter(s.label_separator, "--label-separator");
    if (!s.table.empty() && !s.masks.empty())
        fail(Exit::usage, "--table and --masks both say what the pictures show; give one of them");
    if (!s.table.empty() && s.target.empty())
        fail(Exit::usage, "--table has the targets of pictures; say which by --target COLUMN");
    const bool has_choices =
        !(s.target.empty() && s.file_column.empty() && s.categorical.empty() && s.label_separator.empty());
    if (s.table.empty() && has_choices)
        fail(Exit::usage, "--target, --file, --categorical and --label-separator are for columns of a --table");
    return options;
}

void words_option(Command& c, DataSettings& s) {
    c.option("--words", s.words, "N", "texts: how many words a vocabulary has, the most frequent ones").range(1, 1e6);
}

/// "2,4"; "2" for a word without a tag.
ConllColumns parse_columns(const std::string& text) {
    if (text.empty()) return {};
    ConllColumns columns{0, -1};
    const char* end = text.data() + text.size();
    const auto word = std::from_chars(text.data(), end, columns.word);
    bool sound = word.ec == std::errc{} && columns.word > 0 && columns.word < 1000;
    if (sound && word.ptr != end) {
        const auto tag = std::from_chars(word.ptr + 1, end, columns.tag);
        sound = *word.ptr == ',' && tag.ec == std::errc{} && tag.ptr == end && columns.tag > 0 && columns.tag < 1000 &&
                columns.tag != columns.word;
    }
    if (!sound) fail(Exit::usage, "--column takes the numbers of two columns, such as 1,4, not '{}'", text);
    return columns;
}

DocumentOptions document_options(const DataSettings& s) {
    if (!s.validation.empty())
        fail(Exit::usage, "--val is for a text without rows; ds-data split divides texts that are rows");
    return {s.labels, s.lines, s.words};
}

void import_commands(Command& tool, DataSettings& s) {
    Command& c = tool.command("import", "make a data file of foreign data");
    import_command(c, s, "idx", "IDX files (MNIST and its kin), plain or gzipped", "the images, then the labels",
                   import_idx);
    import_command(c, s, "cifar", "CIFAR-10 or CIFAR-100 binary files", "data_batch_1.bin and so on", import_cifar);
    import_command(
        c, s, "images", "a folder of images: with a folder for each class, with --table or --masks, or as they are",
        "the folder", [&s](const ImportRequest& request) { return import_images(request, image_options(s)); },
        [&s](Command& inner) {
            inner.option("--size", s.size, "HxW", "bring all images to this size").initially("as the first one is");
            resize_option(inner, s.rule, "how").initially("fit");
            inner.choice("--color", s.channels, "MODE", "auto: rgb as soon as one picture has colour",
                         {{"auto", 0}, {"grey", 1}, {"rgb", 3}});
            inner.option("--background", s.background, "COLOR",
                         "under what is transparent and beside what fits: black, white, grey or RRGGBB");
            inner.flag("--keep-encoded", s.keep_encoded,
                       "keep the files as they are, which take less room, and decode them whenever they are read");
            inner
                .option("--masks", s.masks, "FOLDER",
                        "a class for each pixel: a mask picture for each picture, of its name but for the ending")
                .files();
            inner.option("--table", s.table, "FILE", "the targets of the pictures, as CSV with a line of column names")
                .files();
            inner
                .option("--file", s.file_column, "COLUMN",
                        "of the table: the names of the files, endings may be missing")
                .initially("the first");
            inner.option("--target", s.target, "COLUMN", "of the table: the column to predict, or several, as in a,b");
            inner.option("--categorical", s.categorical, "COLUMN,...",
                         "of the table: targets that are names, whatever they hold");
            inner.option("--label-separator", s.label_separator, "CHARACTER",
                         "of the table: a cell of the target holds any number of labels with this between them");
            inner.option("--classes", s.classes, "NAME,...", "the names of the masks' classes, from 0")
                .initially("their numbers");
            inner
                .option("--mask-colors", s.mask_colours, "FILE",
                        "which colours of the masks are which classes: a line NAME COLOR each; the name - is no class")
                .files();
            skip_bad_option(inner, s);
        });
    import_command(
        c, s, "csv", "a table with a line of column names", "the file",
        [&s](const ImportRequest& request) {
            CsvOptions options;
            options.target = s.target;
            for (const std::string& list : s.categorical) add_words(list, options.categorical);
            for (const std::string& list : s.drop) add_words(list, options.drop);
            options.missing = words_of(s.missing);
            options.id = s.id;
            for (const std::string& list : s.text) add_words(list, options.text);
            if (options.text.empty() && s.words != usual_words)
                fail(Exit::usage, "--words is for columns of texts; give --text COLUMN");
            options.most_words = s.words;
            options.group = s.group;
            options.weight = s.weight;
            options.delimiter = parse_delimiter(s.delimiter);
            options.label_separator = parse_delimiter(s.label_separator, "--label-separator");
            return import_csv(request, options);
        },
        [&s](Command& inner) {
            inner.option("--target", s.target, "COLUMN", "the column to predict, or several, as in a,b");
            inner.option("--categorical", s.categorical, "COLUMN,...", "columns of names, whatever they hold")
                .initially("those that hold more names than numbers");
            inner
                .option("--missing", s.missing, "WORD,...",
                        "cells that hold no value, as in NA,? (an empty word: empty cells)")
                .initially("empty cells");
            inner.option("--text", s.text, "COLUMN,...", "columns of texts, which become words");
            words_option(inner, s);
            inner.option("--drop", s.drop, "COLUMN,...", "columns to leave out");
            inner.option("--id", s.id, "COLUMN", "the column that names rows; models do not take it");
            inner.option("--group", s.group, "COLUMN",
                         "rows with the same value of this column belong together, as those of one query do: what a "
                         "ranking puts in order");
            inner.option("--label-separator", s.label_separator, "CHARACTER",
                         "a cell of the target holds any number of labels with this between them, as in news;sport");
            inner.option("--weight", s.weight, "COLUMN",
                         "how much a row counts in training, from 0 up; models do not take it");
            inner.option("--delimiter", s.delimiter, "CHARACTER", "what ends a field; or tab")
                .initially("a comma, or ; tab or | where the header has no comma");
            skip_bad_option(inner, s);
        });
    import_command(
        c, s, "svmlight", "SVMlight, LIBSVM and LETOR files: LABEL [qid:GROUP] INDEX:VALUE ...", "the file",
        [&s](const ImportRequest& request) {
            SvmlightOptions options;
            for (const std::string& list : s.categorical) add_words(list, options.categorical);
            options.features = s.features;
            return import_svmlight(request, options);
        },
        [&s](Command& inner) {
            inner.option("--categorical", s.categorical, "COLUMN,...", "label: its numbers are classes")
                .initially("labels are numbers; -1 and 1 are no and yes");
            inner
                .option("--features", s.features, "N", "how many a row has; files of one set may end at different ones")
                .range(1, 65536)
                .initially("the greatest index");
        });
    import_command(
        c, s, "text", "text files as bytes, one after another; or texts, one a row (--labels, --lines)", "the files",
        [&s](const ImportRequest& request) {
            if (s.labels || s.lines) return import_documents(request, document_options(s));
            for (const auto& [given, option] :
                 {std::pair(s.words != usual_words, "--words"), {s.skip_bad, "--skip-bad"}})
                if (given) fail(Exit::usage, "{} is for texts, one a row; give --labels or --lines", option);
            return import_text(request, s.validation.empty() ? 0 : parse_part(s.validation, "--val"));
        },
        [&s](Command& inner) {
            inner.option("--val", s.validation, "BYTES|FRACTION", "the last part of the text becomes the split val");
            inner.flag("--labels", s.labels, "FILE is a folder: each folder in it is a class, each file there a text");
            inner.flag("--lines", s.lines, "each line of a file is a text; with --labels, a file may be a class");
            words_option(inner, s);
            skip_bad_option(inner, s);
        });
    import_command(
        c, s, "conll", "sentences whose words have tags: CoNLL, a word a line with its columns", "the files",
        [&s](const ImportRequest& request) {
            return import_conll(request, {parse_columns(s.column), s.words});
        },
        [&s](Command& inner) {
            inner
                .option(
                    "--column", s.column, "NAME",
                    "the numbers of the columns of word and tag, as in 1,4; of the word alone where there is no tag")
                .initially("the first and the last; of CoNLL-U 2,4");
            words_option(inner, s);
            skip_bad_option(inner, s);
        });
    import_command(
        c, s, "npy", "NumPy arrays, alone (.npy) or by name in an archive (.npz)",
        "the rows [n,...], then the classes [n]; or an archive",
        [&s](const ImportRequest& request) {
            return import_npy(request, {s.datasets, s.target_datasets, s.id, s.group});
        },
        [&s](Command& inner) {
            inner.option("--column", s.datasets, "NAME",
                         "an array of the archive that models take, as NAME=ARRAY, or ARRAY for its own name");
            inner
                .option("--target", s.target_datasets, "COLUMN",
                        "an array [n] or [n,k] of targets, a file or as --column names one: whole numbers [n] are "
                        "classes, others numbers to predict")
                .files();
            inner.option("--id", s.id, "COLUMN", "an array of the archive that names rows");
            inner.option("--group", s.group, "COLUMN", "an array of the archive that says which rows belong together");
        });
    import_command(
        c, s, "h5", "datasets of any HDF5 file", "the file",
        [&s](const ImportRequest& request) {
            return import_h5(request, {s.datasets, s.target_datasets, s.id, s.group});
        },
        [&s](Command& inner) {
            inner
                .option("--column", s.datasets, "NAME",
                        "a dataset that models take, as NAME=/PATH, or /PATH for its own name")
                .required();
            inner.option("--target", s.target_datasets, "COLUMN", "a dataset to predict, as NAME=/PATH or /PATH");
            inner.option("--id", s.id, "COLUMN", "a dataset that names rows, as NAME=/PATH or /PATH");
            inner.option("--group", s.group, "COLUMN", "a dataset that says which rows belong together, likewise");
        });
}

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

/// "3/5" as the third of five.
std::pair<int64_t, int64_t> parse_fold(const std::string& text) {
    std::pair<int64_t, int64_t> fold{0, 0};
    if (text.empty()) return fold;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, fold.first);
    bool sound = first.ec == std::errc{} && first.ptr != end && *first.ptr == '/';
    if (sound) {
        const auto second = std::from_chars(first.ptr + 1, end, fold.second);
        sound = second.ec == std::errc{} && second.ptr == end && fold.second >= 2 && fold.first >= 1 &&
                fold.first <= fold.second;
    }
    if (!sound) fail(Exit::usage, "--fold takes one of several parts, such as 3/5, not '{}'", text);
    return fold;
}

void split_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("split", "write the file with splits train, val and test");
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
    c.action([&] {
        const bool draws = s.by.empty() && s.time.empty();
        const Seed seed = draws ? settle_seed(c, s.seed) : Seed{uint64_t(s.seed.value_or(0)), false};
        SplitRequest request;
        request.input = s.file;
        request.output = s.output;
        request.validation = s.validation.empty() ? 0 : parse_part(s.validation, "--val");
        request.test = s.test.empty() ? 0 : parse_part(s.test, "--test");
        request.stratify = s.stratify;
        request.seed = seed.value;
        request.force = s.force;
        request.group = s.group;
        request.time = s.time;
        std::tie(request.fold, request.folds) = parse_fold(s.fold);
        request.by = s.by;
        EditRecord record = edit_record(c);
        if (draws || s.seed) record.seed = request.seed;
        const auto made = split_data(request, record);
        tell_seed(seed);
        for (const auto& [name, rows] : made.splits) log::info(fmt::format("{}: {} samples", name, rows));
        return Exit::ok;
    });
}

void cat_command(Command& tool, DataSettings& s) {
    Command& c = tool.command("cat", "put files with the same columns one after another");
    c.positional("FILE", s.inputs, "data files, or splits of them").files().patterns().required();
    output_option(c, s.output, "the file").required();
    c.action([&] {
        log::info(fmt::format("{} samples", concatenate(s.inputs, s.output, edit_record(c))));
        return Exit::ok;
    });
}

void sample_command(Command& tool, DataSettings& s) {
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

void export_commands(Command& tool, DataSettings& s) {
    Command& c = tool.command("export", "write foreign formats");
    auto leaf = [&](const char* name, const char* about, const char* what, bool may_be_stdout = true) -> Command& {
        Command& inner = c.command(name, about);
        inner.positional("FILE", s.file, "data file, or one split of it").files().required();
        Option& output = output_option(inner, s.output, what, may_be_stdout).required();
        if (!may_be_stdout) output.folders();
        return inner;
    };
    Command& png = leaf("png", "images as PNG files, a folder a class", "the folder", false);
    png.option("-n,--rows", s.rows, "N", "only the first so many").initially("all").range(1, 1e15);
    png.action([&] {
        if (s.output == "-") fail(Exit::usage, "images are written into a folder; - is none");
        log::info(fmt::format("{} images", export_png(DataSource(s.file), s.rows, s.output)));
        return Exit::ok;
    });
    Command& npy = leaf("npy", "one column as a NumPy array", "the array");
    npy.option("--column", s.column, "NAME", "which column").required();
    npy.action([&] {
        if (s.output == "-") refuse_terminal("an array");
        export_npy(DataSource(s.file), s.column, s.output);
        return Exit::ok;
    });
    leaf("conll", "words and their tags, a line each", "the file").action([&] {
        export_conll(DataSource(s.file), s.output);
        return Exit::ok;
    });
    leaf("csv", "columns of numbers and names as a table", "the table").action([&] {
        export_csv(DataSource(s.file), s.output);
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

void add_words(const std::string& list, std::vector<std::string>& to) {
    for (std::string& word : words_of(list))
        if (!word.empty()) to.push_back(std::move(word));
}

void data_commands(Command& tool, DataSettings& s) {
    import_commands(tool, s);
    label_command(tool, s);
    info_command(tool, s);
    split_command(tool, s);
    cat_command(tool, s);
    sample_command(tool, s);
    table_commands(tool, s.tables);
    show_command(tool, s);
    export_commands(tool, s);
    verify_command(tool, s);
}

} // namespace ds::cli
