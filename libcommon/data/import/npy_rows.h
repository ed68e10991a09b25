// Arrays in NumPy's format as rows, wherever their bytes come from: a file, or a member of an archive.
#pragma once

#include "data/format/npy.h"
#include "data/import/arrays.h"

namespace ds {

class NumpyRows : public ArrayRows {
public:
    void each_piece(const std::function<void(std::span<const std::byte>, int64_t)>& each) const final {
        each_raw([&](std::vector<std::byte> raw, int64_t n) {
            each(npy_numbers(header_.element, std::move(raw), name), n);
        });
    }
    void each_texts(const std::function<void(std::span<const std::string>)>& each) const final {
        each_raw([&](const std::vector<std::byte>& raw, int64_t) { each(npy_texts(header_.element, raw, name)); });
    }

protected:
    void take(NpyHeader header) {
        header_ = std::move(header);
        texts = header_.element.is_text();
        dtype = header_.element.dtype();
        shape = header_.shape;
    }
    /// Of one row in the file.
    int64_t row_bytes() const { return int64_t(header_.element.size) * count(item()); }
    /// Calls with the bytes of some rows as they lie in the file, but in C order, and how many they are.
    virtual void each_raw(const std::function<void(std::vector<std::byte>, int64_t)>& each) const = 0;

    NpyHeader header_;
};

} // namespace ds
