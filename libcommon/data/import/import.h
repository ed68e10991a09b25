// Importers: foreign data to data files. Each reads with bounded memory, checks sizes before it believes them,
// and names file and place of what is wrong. What they share: the record for the history, statistics for
// standardisation, and the count of what was skipped.
#pragma once

#include <string>
#include <vector>

#include "data/format/conll.h"
#include "data/picture/rule.h"
#include "data/text/documents.h"
#include "data/text/words.h"
#include "io/data_file/data_file.h"
#include "io/history.h"
#include "io/seal/source.h"

namespace ds {

/// What every import is told.
struct ImportRequest {
    std::vector<std::string> inputs; // files and folders, as given
    std::string output;
    bool skip_bad = false; // count bad items instead of ending
    // For the history
    std::string version;
    std::vector<std::string> arguments;
    std::string options_json = "{}";
};

struct ImportSummary {
    int64_t samples = 0, skipped = 0;
    std::string unit = "samples"; // what `samples` counts
};

/// IDX files (LeCun et al.), plain or gzipped: images u8 [n,h,w] or [n,h,w,c], then labels u8 [n]; labels may be left
/// out.
ImportSummary import_idx(const ImportRequest& request);

/// CIFAR-10 and CIFAR-100 binary files: a label byte (two for CIFAR-100: coarse, fine), then 3 x 32 x 32 bytes.
ImportSummary import_cifar(const ImportRequest& request);

struct CsvOptions {
    std::vector<std::string> target{}; // the columns to predict; of one that has no column's name, commas part several
    std::vector<std::string> categorical{}; // columns of names, whatever they hold
    std::vector<std::string> missing{""};   // cells that hold no value
    std::vector<std::string> drop{};        // columns that are left out
    std::string id{};                       // the column that names rows; no input of models
    std::string group{};                    // the column that says which rows belong together; no input of models
    std::string weight{};                   // how much a row counts in training: numbers from 0; no input of models
    char delimiter = 0;                     // 0: as the header shows
    char decimal = '.';                     // what stands before the fraction of a number, a point or a comma
    bool only_chosen = false;               // columns without a use that was named are left out
    std::vector<std::string> text{};        // columns of texts, which become words
    int64_t most_words = usual_words;       // of each one's vocabulary
    char label_separator = 0; // between the labels in a cell of the target; 0: a cell is one name or number
};
struct ImageOptions {
    int64_t height = 0, width = 0;       // 0: as the first picture has it; others must agree
    ResizeRule resize = ResizeRule::fit; // where a size is given
    int64_t channels = 0;                // 1 grey, 3 RGB; 0: RGB as soon as one picture stores colour
    Colour8 background{};
    bool keep_encoded = false;          // the files themselves, decoded whenever they are read
    std::string masks{};                // a folder of masks; "": the folders are classes
    std::string mask_colours{};         // a file of what their colours are
    std::vector<std::string> classes{}; // names of the classes of masks
    std::string table{};                // a table of targets; "": there is none
    std::string file{};                 // its column that names the pictures; "": the first
    CsvOptions columns{};               // and what its others are
};
/// A folder with a folder of pictures for each class, in the order of their names; or of pictures alone, without
/// classes; or with folders train, val and test (valid and validation are val) that have folders of classes: the
/// file's splits. Hidden folders and those without a picture are no classes. What the folder decides and leaves out is
/// told (log).
ImportSummary import_images(const ImportRequest& request, const ImageOptions& options);
/// The same of a folder of pictures and one of masks, a file for a file.
ImportSummary import_masks(const ImportRequest& request, const ImageOptions& options);
/// The same of a folder of pictures and a table of their targets, in the order of its rows. Error(data) for a row
/// without a picture (left out with skip_bad), and for a second one of the same; pictures without a row are left out.
ImportSummary import_picture_table(const ImportRequest& request, const ImageOptions& options);

/// A column of which most cells are names, or named as categorical, becomes categories; one of dates, days since 1970;
/// the others are numbers, NaN where they are missing. A target of names becomes classes; one of numbers stays numbers:
/// 0 and 1 for a binary model, others to be predicted themselves.
ImportSummary import_csv(const ImportRequest& request, const CsvOptions& options);

struct ConllOptions {
    ConllColumns columns{};
    int64_t most_words = usual_words; // of the vocabulary
};
/// Sentences with a tag for each word (data/format/conll.h), in the columns `tokens` and `tags`; the latter where there
/// are some.
ImportSummary import_conll(const ImportRequest& request, const ConllOptions& options = {});

struct SvmlightOptions {
    std::vector<std::string> categorical{}; // "label": its numbers are classes
    int64_t features = 0;                   // of a row; 0: as the greatest index says
};
/// LABEL [qid:GROUP] INDEX:VALUE ... a line, plain or gzipped (data/format/svmlight.h): columns x [features], label
/// and, where there are any, groups qid.
ImportSummary import_svmlight(const ImportRequest& request, const SvmlightOptions& options = {});

/// Text files as bytes, one after another. `validation` > 0: the last part of the text becomes the split val, the rest
/// train.
ImportSummary import_text(const ImportRequest& request, double validation);

struct DocumentOptions {
    bool labels = false;              // the input is a folder with a folder for each class; else the inputs are files
    bool lines = false;               // a text is a line of a file, not a file
    int64_t most_words = usual_words; // of the vocabulary
};
/// Texts, one a row, in the column `text`, with their classes in `label` where there are some (--labels), and the names
/// of their files in `file` where a text is one. With `labels` and `lines`, files that lie beside each other are
/// classes, too. Without `labels`, `lines` is set.
ImportSummary import_documents(const ImportRequest& request, const DocumentOptions& options);

/// Which arrays of a file that has several become which columns.
struct ArrayNames {
    std::vector<std::string> columns{}, targets{}; // "NAME=ARRAY", or "ARRAY" for its own name
    std::string id{}, group{};                     // likewise
};
/// .npy: an array [n,...] of numbers, and optionally one [n] of classes; or the one of `arrays.targets`, a file with an
/// array of any targets (data/import/arrays.h). .npz: the named arrays of one archive.
ImportSummary import_npy(const ImportRequest& request, const ArrayNames& arrays = {});

/// Datasets of any HDF5 file, by their paths.
ImportSummary import_h5(const ImportRequest& request, const ArrayNames& arrays);

/// Mean and standard deviation per channel of u8 images or numbers, gathered as rows pass by.
class StatisticsGatherer {
public:
    explicit StatisticsGatherer(int64_t channels)
        : origin_(size_t(channels)), sum_(size_t(channels)), squares_(size_t(channels)) {}
    /// One row: `per_channel` elements of each channel, channel after channel; `divide` as in ColumnPreprocessing.
    template <class T>
    void add(const T* row, int64_t per_channel, double divide) {
        if (count_ == 0 && per_channel > 0 &&
            divide == 1) // numbers may lie far from 0, and then their squares would cancel
            for (size_t c = 0; c < sum_.size(); ++c) origin_[c] = double(row[int64_t(c) * per_channel]);
        for (size_t c = 0; c < sum_.size(); ++c)
            for (int64_t i = 0; i < per_channel; ++i) {
                const double x = double(row[int64_t(c) * per_channel + i]) / divide - origin_[c];
                sum_[c] += x;
                squares_[c] += x * x;
            }
        count_ += per_channel;
    }
    std::vector<double> mean() const;
    std::vector<double> deviation() const;

private:
    std::vector<double> origin_, sum_, squares_; // of each channel; the sums are of x - origin
    int64_t count_ = 0;
};

/// The metadata of a data file: statistics by column.
class MetaWriter {
public:
    /// `missing`: rows without a number.
    void add(const std::string& column, const StatisticsGatherer& statistics, int64_t missing = 0);
    /// The words that its texts have.
    void add(const std::string& column, WordList words);
    /// How the pictures of a column became pixels.
    void add(const std::string& column, const PictureRule& rule);
    /// The statistics are of the rows of this split, so many.
    void set_split(const std::string& name, int64_t rows) { split_ = {name, rows}; }
    std::string json() const;

private:
    struct Column {
        std::string name;
        StatisticsGatherer statistics;
        int64_t missing;
    };
    std::vector<Column> columns_;
    std::vector<std::pair<std::string, PictureRule>> pictures_;
    std::vector<std::pair<std::string, WordList>> vocabularies_;
    std::pair<std::string, int64_t> split_; // "": all rows
};

/// What the history says of an input that was read: its name and digest.
HistoryInput input_of(const Source& source);
/// The history record of an import.
std::string import_record(const ImportRequest& request, std::vector<HistoryInput> inputs);

/// Whether this is the folder of pictures whose digest the history has. Error(data, no_input) when it is none.
bool is_folder_of(const std::string& folder, const std::string& digest);

} // namespace ds
