#include "infer/prediction_file.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "data/format/csv.h"

namespace ds {
namespace {

std::string line(const std::vector<std::string>& fields) {
    std::string out;
    for (size_t i = 0; i < fields.size(); ++i) {
        if (i) out += ',';
        if (!fields[i].empty()) out += csv_field(fields[i]);
    }
    return out + "\n";
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

} // namespace

void PredictionFile::begin(const std::vector<std::string>& columns) {
    if (columns == columns_) return;
    if (!columns_.empty())
        fail(Exit::data, "{}: inputs with different columns do not make one table; predict them one by one", path_);
    std::set<std::string> seen;
    for (const std::string& column : columns)
        if (!seen.insert(column).second)
            fail(Exit::data, "{}: the table that came in has a column '{}' already; leave it out or rename it", path_,
                 column);
    columns_ = columns;
    const std::string header = line(columns);
    file_.write(std::as_bytes(std::span(header)));
}

void PredictionFile::add(const Predictions& some) {
    std::vector<std::string> predicted = some.printing->columns(count(some.item), some.names);
    if (some.ranked) predicted.emplace_back("rank");
    begin(joined(some.header.empty() ? std::vector<std::string>{some.id} : some.header, predicted));
    std::string text;
    for (int64_t s = 0; s < some.samples(); ++s) {
        const auto n = size_t(s);
        const std::vector<std::string> own =
            some.header.empty() ? std::vector<std::string>{some.sources[n]} : some.cells[n];
        std::vector<std::string> fields(predicted.size()); // of a bad row
        if (!some.is_bad)
            fields = some.printing->fields(some.of(s), some.words.empty() ? some.names : some.names_of(s));
        if (!some.is_bad && some.ranked) fields.push_back(std::to_string(some.ranks[n]));
        text += line(joined(own, fields));
    }
    file_.write(std::as_bytes(std::span(text)));
}

} // namespace ds
