// Arrays of whatever file become columns of a data file: inputs, targets, names of rows and of groups. Their first axes
// are the rows.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/import/import.h"
#include "tensor/type.h"

namespace ds {

/// An array as it lies in a file, read some rows at a time and as often as need be.
class ArrayRows {
public:
    virtual ~ArrayRows() = default;
    std::string name; // for messages: "x.npy", "own.h5:/images"
    bool texts = false;
    DType dtype = DType::f32; // of numbers
    Dims shape;               // rows first
    /// Calls with the bytes of some rows, aligned and row-major, and how many they are.
    virtual void each_piece(const std::function<void(std::span<const std::byte>, int64_t)>& each) const = 0;
    virtual void each_texts(const std::function<void(std::span<const std::string>)>&) const {}

    int64_t rows() const { return shape.empty() ? 0 : shape[0]; }
    Dims item() const { return shape.empty() ? Dims{} : Dims(shape.begin() + 1, shape.end()); }
};

enum class ArrayUse : uint8_t { input, target, id, group };

struct ArrayColumn {
    std::string name;
    ArrayUse use = ArrayUse::input;
    std::shared_ptr<const ArrayRows> rows;
};

/// Whether rows of bytes are pictures: [h,w], [h,w,1], [h,w,3] and [c,h,w]. They are stored as [c,h,w].
bool are_pictures(const ArrayRows& rows);

/// Whether rows are classes, as a target: texts and whole numbers [n], and whole numbers [n,1], as Keras has them.
bool are_classes(const ArrayRows& rows);
/// Whether rows of whole numbers are a class for each pixel, as a target: [h,w], [1,h,w] and [h,w,1].
bool are_masks(const ArrayRows& rows);

/// Writes the data file. Inputs: numbers as they are, bytes of two and three axes as images (are_pictures), texts as
/// categories. Targets: whole
/// numbers [n] and texts are classes, those that occur; whole numbers [n,h,w] masks (are_masks); everything else
/// numbers to be predicted. Ids and groups: texts or whole numbers. A float of one a row that is NaN is missing; any
/// other NaN, infinities, and a target that is missing are refused with their row. Error(data) where arrays have
/// different numbers of rows, naming both.
ImportSummary import_arrays(const ImportRequest& request, const std::vector<ArrayColumn>& columns,
                            std::vector<HistoryInput> inputs);

/// The named arrays of an archive of NumPy's (.npz). Error(usage) for a name that it has not, listing those that it
/// has.
ImportSummary import_npz(const ImportRequest& request, std::shared_ptr<const Source> source, const ArrayNames& arrays);

} // namespace ds
