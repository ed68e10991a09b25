// What stands beside the columns of a table, something for each of its rows: pictures, say. An import of the table asks
// it which rows are taken, and lets it write columns of its own.
#pragma once

#include <vector>

#include "data/format/csv.h"
#include "data/import/import.h"

namespace ds {

class BesideRows {
public:
    BesideRows() = default;
    virtual ~BesideRows() = default;
    BesideRows(const BesideRows&) = delete;
    BesideRows& operator=(const BesideRows&) = delete;

    /// Goes over all rows once, before anything is written. Error(data) for one that it has nothing for.
    virtual void look(CsvReader& rows) = 0;
    /// Whether there is something for the row that the reader stands at.
    virtual bool has(const CsvReader& row) const = 0;
    /// Adds its largest column.
    virtual void begin(DataFileWriter& writer) = 0;
    /// Writes what belongs to the row; false: it is no good, and the row is left out.
    virtual bool take(const CsvReader& row) = 0;
    /// Writes what is left.
    virtual void finish(MetaWriter& meta) = 0;
    /// What it was read from.
    virtual std::vector<HistoryInput> inputs() const = 0;
};

/// As import_csv, of a source and with something beside each row.
ImportSummary import_table(const ImportRequest& request, const CsvOptions& options, const Source& source,
                           BesideRows* beside);

} // namespace ds
