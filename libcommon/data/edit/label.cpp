#include "data/edit/label.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "base/atomic_file.h"
#include "base/error.h"
#include "data/edit/cell.h"

namespace ds {
namespace {

int32_t greatest_class(const DataFileReader& from, int column) {
    int32_t greatest = -1;
    if (from.columns()[size_t(column)].kind != "mask") {
        for (int32_t c : read_classes(from, column)) greatest = std::max(greatest, c);
        return greatest;
    }
    std::vector<int64_t> rows(static_cast<size_t>(from.rows()));
    std::iota(rows.begin(), rows.end(), int64_t{0});
    const std::vector<int64_t> counts = pixel_counts(from, column, rows);
    for (int32_t k = 0; k < ignored_pixel; ++k)
        if (counts[size_t(k)] > 0) greatest = k;
    return greatest;
}

/// The numbers that classes are called by, as arrays have them: "0" and "100", say. Empty where they have other names.
std::vector<size_t> numbers_of(const std::vector<std::string>& labels) {
    std::vector<size_t> numbers;
    for (const std::string& label : labels) {
        size_t number = 0;
        const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
        if (error != std::errc{} || std::to_string(number) != label) return {};
        numbers.push_back(number);
    }
    return numbers;
}

/// The names of a column's classes. Where classes are called by numbers with holes, as those of arrays that occur are,
/// it is the name that stands at the number; or one name each, in their order.
std::vector<std::string> names_for(const ColumnInfo& column, const std::string& path,
                                   const std::vector<std::string>& names) {
    const std::vector<size_t> numbers = numbers_of(column.labels);
    const bool has_holes = !numbers.empty() && std::ranges::max(numbers) >= numbers.size();
    if (!has_holes || names.size() == numbers.size()) return names;
    std::vector<std::string> own;
    for (const size_t number : numbers) {
        if (number >= names.size())
            fail(Exit::data, "{}: class {} has no name; {} names are given", path, number, names.size());
        own.push_back(names[number]);
    }
    return own;
}

/// The target column, each class of which has a name.
int named_column(const DataFileReader& from, const std::string& path, const std::vector<std::string>& names) {
    const int target = find_kind(from, "target"), column = target >= 0 ? target : find_kind(from, "mask");
    if (column < 0) fail(Exit::data, "{}: there is no target column whose classes could be named", path);
    const int32_t greatest = greatest_class(from, column);
    if (greatest >= int32_t(names.size()))
        fail(Exit::data, "{}: class {} has no name; {} names are given", path, greatest, names.size());
    names_for(from.columns()[size_t(column)], path, names); // refuses what has none
    return column;
}

} // namespace

std::vector<std::string> read_names(const std::string& path) {
    const std::string text = read_file(path, 1 << 24);
    std::vector<std::string> names;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        std::string name = text.substr(at, end - at);
        if (!name.empty() && name.back() == '\r') name.pop_back();
        if (name.empty()) fail(Exit::data, "{}: line {} is empty; each line names a class", path, names.size() + 1);
        if (name.size() > 1000 || name.find('\0') != std::string::npos)
            fail(Exit::data, "{}: line {} is no name", path, names.size() + 1);
        names.push_back(std::move(name));
        at = end + 1;
    }
    std::set<std::string> unique(names.begin(), names.end());
    if (unique.size() != names.size()) fail(Exit::data, "{}: a name stands twice", path);
    return names;
}

void check_class_names(const std::string& path, const std::vector<std::string>& names) {
    const DataFileReader from(path);
    named_column(from, path, names);
    check_output(path);
}

void name_classes(const std::string& path, const std::vector<std::string>& names, const EditRecord& record) {
    const DataFileReader from(path);
    const int column = named_column(from, path, names);
    DataFileWriter to(path);
    for (size_t i = 0; i < from.columns().size(); ++i) {
        ColumnInfo info = from.columns()[i];
        if (int(i) == column) info.labels = names_for(info, path, names);
        to.copy_column(from, int(i), info);
    }
    for (const std::string& name : from.splits()) to.set_split(name, from.split(name));
    to.set_meta(from.meta());
    to.set_history(longer_history(from, record));
    to.commit();
}

} // namespace ds
