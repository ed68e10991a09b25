#include "data/batch/groups.h"

#include <unordered_map>

#include "base/error.h"
#include "data/batch/row_ids.h"

namespace ds {

int group_column(const DataSource& source) {
    const auto& columns = source.file().columns();
    int found = -1;
    for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].kind != "group") continue;
        if (!is_name(columns[i]))
            fail(Exit::data, "{}: the groups '{}' are not names of bytes", source.name(), columns[i].name);
        if (found >= 0)
            fail(Exit::data, "{}: there are two columns of groups, '{}' and '{}'; one can be used", source.name(),
                 columns[size_t(found)].name, columns[i].name);
        found = int(i);
    }
    return found;
}

Groups::Groups(const DataSource& source, int column) {
    const RowIds names(source.file(), column);
    std::unordered_map<std::string, int32_t> numbers;
    std::vector<int32_t> sizes;
    for (int64_t i = 0; i < source.rows(); ++i) {
        const std::string name = names.at(source.file_row(i));
        if (name.empty())
            fail(Exit::data, "{}: '{}' is empty in {}; a ranking needs the group of every row", source.name(),
                 names.name(), source.place(i));
        const int32_t g = numbers.try_emplace(name, int32_t(numbers.size())).first->second;
        if (size_t(g) == sizes.size()) sizes.push_back(0);
        number_.push_back(g);
        place_.push_back(sizes[size_t(g)]++);
    }
    starts_.push_back(0);
    for (const int32_t size : sizes) starts_.push_back(starts_.back() + size);
    rows_.resize(number_.size());
    for (size_t i = 0; i < number_.size(); ++i) rows_[size_t(starts_[size_t(number_[i])] + place_[i])] = int64_t(i);
}

std::span<const int64_t> Groups::rows(int64_t g) const {
    const auto begin = size_t(starts_[size_t(g)]), end = size_t(starts_[size_t(g) + 1]);
    return std::span(rows_).subspan(begin, end - begin);
}

} // namespace ds
