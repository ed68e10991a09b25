#include "data/batch/name_counts.h"

#include <algorithm>

#include "data/batch/each_row.h"

namespace ds {
namespace {

/// The file's number of a name -> its number among `known`; -1 for a name that is not there.
std::vector<int64_t> places_among(const std::vector<std::string>& known, const std::vector<std::string>& labels) {
    std::vector<int64_t> places;
    int64_t next = 0; // both are in the same order
    for (const std::string& label : labels)
        places.push_back(next < std::ssize(known) && known[size_t(next)] == label ? next++ : -1);
    return places;
}

} // namespace

void count_names(const DataSource& source, DataFacts& facts) {
    for (DataColumn& fact : facts) {
        if (fact.kind != "category" || !fact.item.empty()) continue;
        const int index = source.file().find(fact.name);
        const ColumnInfo& column = source.file().columns()[size_t(index)];
        const std::vector<int64_t> places = places_among(source.known_categories(column), column.labels);
        fact.rows_of.assign(size_t(fact.categories), 0);
        each_row(source, index, [&](int64_t, std::span<const double> name) {
            const auto code = name.empty() ? int64_t{-1} : int64_t(name[0]);
            if (code >= 0 && code < std::ssize(places) && places[size_t(code)] >= 0)
                ++fact.rows_of[size_t(places[size_t(code)])];
            return true;
        });
    }
}

} // namespace ds
