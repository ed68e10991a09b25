// A data file and one of its splits: "part.h5:train", "test.h5", "-"; or several such that are one data set.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/batch/facts.h"
#include "data/batch/preprocessing.h"
#include "io/data_file/data_file.h"

namespace ds {

class DataSource {
public:
    /// Errors: 66 missing, 65 damaged or of another kind, or an empty split; an unknown split lists the known ones.
    explicit DataSource(const std::string& spec);
    /// Several files whose rows follow one another (data_set.h). Error(usage) for other splits of some, or one file
    /// twice.
    explicit DataSource(const std::vector<std::string>& specs);
    /// A file that is open already; `split` "" means all rows.
    DataSource(Source source, const std::string& split);

    const DataTable& file() const { return *table_; }    // or files, as one; kept pictures are shown as pixels
    const DataTable& stored() const { return *stored_; } // the same as it is kept
    const std::vector<std::shared_ptr<const DataTable>>& files() const { return files_; }
    const std::string& split() const { return split_; } // "" for all rows
    std::string name() const; // for messages: "data/part.h5:train", as it was given; "data/a.h5:train and 2 more"
    std::string recorded_name() const; // without folders
    std::string digest() const;        // of the file, hex; of several, of their digests
    int64_t rows() const { return rows_; }
    /// What they are: "samples", or of a stream of text, which is cut into samples later, "pieces".
    std::string_view rows_are() const;
    /// The file's row behind row i of the split.
    int64_t file_row(int64_t i) const { return map_.empty() ? i : map_[size_t(i)]; }
    /// Where row i of the split lies, for messages: "row 5 of the file (part.h5:train[3])"; rows are counted from 1 in
    /// files, and from 0 as the samples of predictions are.
    std::string place(int64_t i) const;
    /// Of a row of file(): "row 5 of the file", or "row 5 of b.h5" where there are several.
    std::string row_place(int64_t row) const;

    /// What row i of the split is called where it has no name: "part.h5:train[3]"; of several files, by its file.
    std::string row_name(int64_t i) const;

    DataFacts facts() const;
    /// The split whose rows the file's statistics and vocabularies are of; "" for all rows.
    std::string statistics_split() const;
    bool has_statistics() const;
    /// What was and is to be done to every column: how pictures became pixels, and its standardisation, from what its
    /// import left in the file.
    Preprocessing preprocessing() const;
    /// The names of a column's categories that a row behind the statistics has, in the order of their numbers.
    std::vector<std::string> known_categories(const ColumnInfo& column) const;
    /// What is kept of the words of texts.
    int64_t word_bytes() const;
    /// The names of the target's classes; empty when it has none.
    std::vector<std::string> labels() const;

private:
    void choose(const std::string& split);
    void read_meta();
    const WordList& words(const std::string& column) const;
    std::vector<std::shared_ptr<const DataTable>> files_;
    std::shared_ptr<const DataTable> stored_; // the file, or all of them
    std::shared_ptr<const DataTable> table_;  // over it: see file()
    std::string split_;
    Json meta_;                                    // of the file, without its words
    std::map<std::string, WordList> vocabularies_; // by column
    std::vector<int64_t> map_;                     // of the split; empty: all rows in order
    int64_t rows_ = 0;
};

/// "part.h5:train" as path and split. A colon that belongs to an existing file's name stays with it.
std::pair<std::string, std::string> split_spec(const std::string& spec);

} // namespace ds
