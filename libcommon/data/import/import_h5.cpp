// Any HDF5 file, by the names of its datasets.
#include "base/error.h"
#include "data/format/csv.h"
#include "data/import/arrays.h"
#include "io/hdf5/foreign.h"

namespace ds {
namespace {

class ForeignRows : public ArrayRows {
public:
    ForeignRows(std::shared_ptr<const Source> source, std::string path)
        : source_(std::move(source)), path_(std::move(path)), array_(hdf5::describe_array(*source_, path_)) {
        name = source_->name() + ":" + path_;
        texts = array_.texts;
        dtype = array_.dtype;
        shape = array_.shape;
    }
    void each_piece(const std::function<void(std::span<const std::byte>, int64_t)>& each) const override {
        hdf5::read_array(*source_, path_, array_, each);
    }
    void each_texts(const std::function<void(std::span<const std::string>)>& each) const override {
        hdf5::read_texts(*source_, path_, array_, each);
    }

private:
    std::shared_ptr<const Source> source_;
    std::string path_;
    hdf5::ForeignArray array_;
};

/// "x=/images/train" as name and path; without a name it is the dataset's own.
std::pair<std::string, std::string> parse_place(const std::string& word) {
    const size_t equals = word.find('=');
    const bool named = equals != std::string::npos && word.find('/') > equals;
    std::string path = named ? word.substr(equals + 1) : word;
    if (path.empty() || (named && equals == 0))
        fail(Exit::usage, "'{}' names no dataset; give NAME=/PATH or /PATH", word);
    if (!path.starts_with('/')) path = "/" + path;
    return {named ? word.substr(0, equals) : csv_column_name(path.substr(path.rfind('/') + 1)), path};
}

} // namespace

ImportSummary import_h5(const ImportRequest& request, const ArrayNames& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import h5 takes one file");
    if (options.columns.empty()) fail(Exit::usage, "import h5 needs --column NAME=/PATH: which dataset models take");
    const auto source = std::make_shared<const Source>(request.inputs[0], true);
    std::vector<ArrayColumn> columns;
    const auto add = [&](const std::string& word, ArrayUse use) {
        const auto [name, path] = parse_place(word);
        columns.push_back({name, use, std::make_shared<const ForeignRows>(source, path)});
    };
    for (const std::string& word : options.columns) add(word, ArrayUse::input);
    for (const std::string& word : options.targets) add(word, ArrayUse::target);
    if (!options.id.empty()) add(options.id, ArrayUse::id);
    if (!options.group.empty()) add(options.group, ArrayUse::group);
    return import_arrays(request, columns, {input_of(*source)});
}

} // namespace ds
