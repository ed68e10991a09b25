#include "data/edit/kept_splits.h"

#include <unordered_map>

#include "base/error.h"
#include "base/log.h"

namespace ds {

KeptSplits::KeptSplits(const DataSource& source, const std::vector<int64_t>& rows) : statistics_rows_(rows) {
    if (!source.split().empty()) return;
    std::unordered_map<int64_t, int64_t> place; // of an old row in the new file
    for (size_t i = 0; i < rows.size(); ++i) place[rows[i]] = int64_t(i);
    for (const std::string& name : source.file().splits()) {
        std::vector<int64_t> kept;
        for (const int64_t row : source.file().split(name))
            if (const auto found = place.find(row); found != place.end()) kept.push_back(found->second);
        if (kept.empty() && name == source.statistics_split())
            fail(Exit::data, "{}: nothing is left of the split {}, whose rows its statistics are of", source.name(),
                 name);
        if (kept.empty()) log::warning(fmt::format("of the split {} no row is left", name));
        else splits_[name] = std::move(kept);
    }
    const std::string trained = source.statistics_split();
    if (trained.empty()) return;
    const auto own = splits_.find(trained);
    if (own == splits_.end()) return; // metadata of another program
    statistics_split_ = trained;
    statistics_rows_.clear();
    for (const int64_t row : own->second) statistics_rows_.push_back(rows[size_t(row)]);
}

void KeptSplits::write(DataFileWriter& to) const {
    for (const auto& [name, rows] : splits_) to.set_split(name, rows);
}

std::vector<bool> KeptSplits::in_statistics(size_t new_rows) const {
    std::vector<bool> in(new_rows, statistics_split_.empty());
    if (!statistics_split_.empty())
        for (const int64_t row : splits_.at(statistics_split_)) in[size_t(row)] = true;
    return in;
}

} // namespace ds
