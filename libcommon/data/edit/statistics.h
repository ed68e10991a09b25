// The metadata of a data file made from rows of others: statistics of those rows alone, which of the categories no such
// row has, and the words that their texts have. A model takes its standardisation and vocabularies from there, so what
// is held back stays unseen.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "data/import/import.h"
#include "data/text/words.h"
#include "io/data_file/data_file.h"

namespace ds {

class MetaGatherer {
public:
    /// Gathers for the columns that have statistics in this file's metadata, for categories and texts. The rest of the
    /// metadata is taken over.
    explicit MetaGatherer(const DataTable& like);
    /// Rows of a file that has columns of the same names and types, read some at a time.
    void add(const DataTable& from, std::span<const int64_t> rows);
    /// `split`: the split that the rows are; "" when they are the whole file.
    std::string json(const std::string& split) const;

private:
    struct Numbers {
        int column = 0;
        int64_t channels = 1;
        double divide = 1;
        StatisticsGatherer statistics{1};
        int64_t missing = 0;
    };
    struct Names {
        int column = 0;
        std::vector<bool> seen; // of each category
    };
    struct Texts {
        int column = 0;
        WordCounter counter;
    };
    void add_numbers(Numbers& numbers, const DataTable& from, std::span<const int64_t> rows) const;

    std::string source_, meta_;
    std::vector<ColumnInfo> columns_;
    std::vector<Numbers> numbers_;
    std::vector<Names> names_;
    std::vector<Texts> texts_;
    int64_t rows_ = 0;
};

} // namespace ds
