// The columns of one data file beside those of another, row by row as a key says.
#pragma once

#include <string>

#include "data/edit/edit.h"

namespace ds {

struct JoinRequest {
    std::string left, right, output;
    std::string key;   // a column of both: ids, names or whole numbers
    bool keep = false; // rows of the left file whose key the right one has not: numbers and names are missing in them
};
struct JoinSummary {
    int64_t rows = 0, unmatched = 0; // written; of the left file, without a row of the right one
    int64_t unused = 0;              // rows of the right file whose key no row has
};

/// Rows in the order of the left file, whose splits stay; columns of the left file, then those of the right one but its
/// key. Statistics are those of each column over the rows that the left file's are of. Error(usage) for an unknown key;
/// Error(data) for a key that stands twice in the right file, naming it and its rows, a fraction as a key, columns of
/// one name in both, and with `keep` a column that cannot be missing.
JoinSummary join_data(const JoinRequest& request, const EditRecord& record);

} // namespace ds
