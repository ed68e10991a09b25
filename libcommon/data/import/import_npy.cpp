#include "base/atomic_file.h"
#include "base/error.h"
#include "data/format/zip.h"
#include "data/import/npy_rows.h"

namespace ds {
namespace {

class NpyRows : public NumpyRows {
public:
    explicit NpyRows(std::shared_ptr<const Source> from) : source(std::move(from)) {
        name = source->name();
        std::vector<std::byte> start(size_t(std::min<uint64_t>(source->size(), max_npy_header)));
        source->read(0, start);
        take(parse_npy_header(start, source->size(), name));
    }
    const std::shared_ptr<const Source> source;

private:
    /// Pieces are about a mebibyte, of Fortran order larger ones: they are put together from everywhere in the file.
    void each_raw(const std::function<void(std::vector<std::byte>, int64_t)>& each) const override {
        const int64_t row = row_bytes(), piece_bytes = header_.fortran ? 1 << 26 : 1 << 20,
                      most = std::max<int64_t>(1, piece_bytes / std::max<int64_t>(1, row));
        for (int64_t r = 0; r < rows(); r += most) {
            const int64_t n = std::min(most, rows() - r);
            each(header_.fortran ? scattered_rows(r, n) : read_rows(r, n), n);
        }
    }
    std::vector<std::byte> read_rows(int64_t first, int64_t n) const {
        const int64_t row = row_bytes();
        std::vector<std::byte> piece(size_t(n * row));
        source->read(header_.length + uint64_t(first * row), piece);
        return piece;
    }
    /// Each element of the rows lies beside that of the next row.
    std::vector<std::byte> scattered_rows(int64_t first, int64_t n) const {
        const int64_t elements = count(item()), size = int64_t(header_.element.size);
        std::vector<std::byte> piece(size_t(n * elements * size));
        for (int64_t e = 0; e < elements; ++e)
            source->read(header_.length + uint64_t((e * rows() + first) * size),
                         std::span(piece).subspan(size_t(e * n * size), size_t(n * size)));
        Dims some = shape;
        some[0] = n;
        return in_c_order(header_.element.size, some, piece);
    }
};

} // namespace

ImportSummary import_npy(const ImportRequest& request, const ArrayNames& arrays) {
    if (request.inputs.empty()) fail(Exit::usage, "import npy takes an array, and one of targets");
    std::shared_ptr<const Source> source = std::make_shared<const Source>(request.inputs[0], true);
    if (looks_like_zip(source->head(4))) return import_npz(request, std::move(source), arrays);
    if (!arrays.columns.empty() || !arrays.id.empty() || !arrays.group.empty())
        fail(Exit::usage, "{}: one array, which has no names; --column, --id and --group are for .npz", source->name());
    std::vector<std::string> paths = request.inputs;
    paths.insert(paths.end(), arrays.targets.begin(), arrays.targets.end());
    if (paths.size() > 2) fail(Exit::usage, "import npy takes an array, and one of targets");
    std::vector<ArrayColumn> columns;
    std::vector<HistoryInput> inputs;
    for (const std::string& path : paths) {
        const bool first = columns.empty();
        if (!first) source = std::make_shared<const Source>(path, true);
        const auto rows = std::make_shared<const NpyRows>(source);
        inputs.push_back(input_of(*source));
        const bool masks = are_masks(*rows), classes = are_classes(*rows);
        if (!first && arrays.targets.empty() && !classes && !masks)
            fail(Exit::data,
                 "{}: classes are whole numbers or strings [n], not {} {}; numbers to be predicted are for --target",
                 rows->name, rows->texts ? "strings" : ds::name(rows->dtype), text(rows->shape));
        const bool image = are_pictures(*rows) || rows->item().size() == 3;
        const std::string of_target = masks ? "mask" : classes ? "label" : "y";
        const std::string name = !first ? of_target : image ? "image" : "x";
        columns.push_back({name, first ? ArrayUse::input : ArrayUse::target, rows});
    }
    return import_arrays(request, columns, std::move(inputs));
}

} // namespace ds
