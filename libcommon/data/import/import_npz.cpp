// Arrays in an archive of NumPy's (.npz), by their names.
#include <algorithm>

#include "base/error.h"
#include "base/names.h"
#include "data/format/csv.h"
#include "data/format/zip.h"
#include "data/import/npy_rows.h"

namespace ds {
namespace {

class NpzRows : public NumpyRows {
public:
    NpzRows(std::shared_ptr<const Source> source, ZipMember member)
        : source_(std::move(source)), member_(std::move(member)) {
        name = source_->name() + ":" + array_name(member_);
        std::vector<std::byte> start(size_t(std::min<uint64_t>(member_.size, max_npy_header)));
        ZipReader(*source_, member_).read(start);
        take(parse_npy_header(start, member_.size, name));
    }
    /// "x" for "x.npy", as NumPy calls it.
    static std::string array_name(const ZipMember& member) {
        return member.name.ends_with(".npy") ? member.name.substr(0, member.name.size() - 4) : member.name;
    }

private:
    /// Pieces are about a mebibyte; an array in Fortran order is one.
    void each_raw(const std::function<void(std::vector<std::byte>, int64_t)>& each) const override {
        const int64_t row = row_bytes(), most = std::max<int64_t>(1, (1 << 20) / std::max<int64_t>(1, row));
        ZipReader reader(*source_, member_);
        std::vector<std::byte> piece(header_.length);
        reader.read(piece);
        if (header_.fortran) {
            piece.resize(size_t(rows() * row));
            reader.read(piece);
            return each(in_c_order(header_.element.size, shape, piece), rows());
        }
        for (int64_t r = 0; r < rows(); r += most) {
            const int64_t n = std::min(most, rows() - r);
            piece.resize(size_t(n * row));
            reader.read(piece);
            each(piece, n);
        }
    }

    std::shared_ptr<const Source> source_;
    ZipMember member_;
};

/// "image=x_train" as a column and the array that it is; without a name it is the array's own.
std::pair<std::string, std::string> parse_place(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string array = equals == std::string::npos ? word : word.substr(equals + 1);
    const std::string name = equals == std::string::npos ? csv_column_name(array) : word.substr(0, equals);
    if (array.empty() || name.empty()) fail(Exit::usage, "'{}' names no array; give NAME=ARRAY or ARRAY", word);
    return {name, array};
}

class Archive {
public:
    explicit Archive(std::shared_ptr<const Source> source)
        : source_(std::move(source)), members_(zip_members(*source_)) {
        for (const ZipMember& member : members_) names_.push_back(NpzRows::array_name(member));
        if (members_.empty()) fail(Exit::data, "{}: there are no arrays in it", source_->name());
    }
    const Source& source() const { return *source_; }
    const std::vector<std::string>& names() const { return names_; }
    std::shared_ptr<const NpzRows> array(const std::string& name) const {
        const auto found = std::ranges::find(names_, name);
        const std::vector<std::string_view> known(names_.begin(), names_.end());
        if (found == names_.end())
            fail(Exit::usage, "{}: there is no array '{}'{}", source_->name(), shown(name), name_hint(name, known));
        return std::make_shared<const NpzRows>(source_, members_[size_t(found - names_.begin())]);
    }

private:
    std::shared_ptr<const Source> source_;
    std::vector<ZipMember> members_;
    std::vector<std::string> names_;
};

} // namespace

ImportSummary import_npz(const ImportRequest& request, std::shared_ptr<const Source> source, const ArrayNames& arrays) {
    if (request.inputs.size() != 1)
        fail(Exit::usage, "import npy takes one .npz file, and the names of arrays in it by --column and --target");
    const Archive archive(std::move(source));
    std::vector<std::string> inputs = arrays.columns;
    if (inputs.empty() && archive.names().size() > 1)
        fail(Exit::usage,
             "{}: say which of its arrays models take, by --column NAME, and which are to be predicted, by "
             "--target NAME; there are: {}",
             archive.source().name(),
             list_names(std::vector<std::string_view>(archive.names().begin(), archive.names().end())));
    if (inputs.empty()) inputs.push_back("x=" + archive.names()[0]);
    std::vector<ArrayColumn> columns;
    const auto add = [&](const std::string& word, ArrayUse use) {
        const auto [name, array] = parse_place(word);
        columns.push_back({name, use, archive.array(array)});
    };
    for (const std::string& word : inputs) add(word, ArrayUse::input);
    for (const std::string& word : arrays.targets) add(word, ArrayUse::target);
    if (!arrays.id.empty()) add(arrays.id, ArrayUse::id);
    if (!arrays.group.empty()) add(arrays.group, ArrayUse::group);
    return import_arrays(request, columns, {input_of(archive.source())});
}

} // namespace ds
