#include "data/edit/combine.h"

#include <algorithm>

#include "base/error.h"
#include "base/rng.h"
#include "data/batch/data_set.h"
#include "data/batch/order.h"
#include "data/edit/statistics.h"
#include "data/picture/kept_files.h"

namespace ds {
int64_t concatenate(const std::vector<std::string>& inputs, const std::string& output, const EditRecord& edit) {
    std::vector<std::shared_ptr<const DataTable>> files;
    std::vector<int64_t> rows;
    std::vector<HistoryInput> read;
    int64_t start = 0; // of the file, among all rows of all files
    for (const std::string& input : inputs) {
        const DataSource source(input);
        files.push_back(source.files()[0]);
        for (const int64_t row : rows_of(source)) rows.push_back(start + row);
        start += source.file().rows();
        read.push_back(inputs_of(source)[0]);
    }
    const auto all = std::make_shared<DataSet>(files);
    DataFileWriter to(output);
    for (size_t c = 0; c < all->columns().size(); ++c)
        append_rows(*all, int(c), rows, to, to.add_column(all->columns()[c]));
    const auto shown = decoded(all);
    MetaGatherer meta(*shown);
    meta.add(*shown, rows);
    to.set_meta(meta.json(""));
    std::vector<std::string> history = all->history();
    history.push_back(edit_text(edit, read));
    to.set_history(std::move(history));
    to.commit();
    return int64_t(rows.size());
}

int64_t sample_data(const std::string& input, const std::string& output, int64_t wanted, uint64_t seed,
                    const EditRecord& edit) {
    const DataSource source(input);
    if (wanted < 1 || wanted > source.rows())
        fail(Exit::usage, "{} rows cannot be drawn from the {} of {}", wanted, source.rows(), source.name());
    const Permutation permutation(source.rows(), seed ^ uint64_t(rng::Stream::split), 1);
    std::vector<int64_t> rows;
    for (int64_t i = 0; i < wanted; ++i) rows.push_back(permutation(i));
    std::sort(rows.begin(), rows.end());
    for (int64_t& row : rows) row = source.file_row(row);
    DataFileWriter to(output);
    for (size_t c = 0; c < source.file().columns().size(); ++c)
        append_rows(source.stored(), int(c), rows, to, to.add_column(source.stored().columns()[c]));
    MetaGatherer meta(source.file());
    meta.add(source.file(), rows);
    to.set_meta(meta.json(""));
    std::vector<std::string> history = source.file().history();
    history.push_back(edit_text(edit, inputs_of(source)));
    to.set_history(std::move(history));
    to.commit();
    return wanted;
}

} // namespace ds
