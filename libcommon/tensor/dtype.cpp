#include "tensor/dtype.h"

#include <array>

#include "base/error.h"

namespace ds {
namespace {
struct Row {
    std::string_view name;
    int bits;
    bool floating;
};
constexpr std::array<Row, 9> rows{{{"f64", 64, true},
                                   {"f32", 32, true},
                                   {"bf16", 16, true},
                                   {"f16", 16, true},
                                   {"i64", 64, false},
                                   {"i32", 32, false},
                                   {"i8", 8, false},
                                   {"u8", 8, false},
                                   {"bool", 8, false}}};
} // namespace

std::string_view name(DType dtype) { return rows[size_t(dtype)].name; }

std::optional<DType> parse_dtype(std::string_view text) {
    for (size_t i = 0; i < rows.size(); ++i)
        if (rows[i].name == text) return DType(i);
    return std::nullopt;
}

bool is_float(DType dtype) { return rows[size_t(dtype)].floating; }
int bits(DType dtype) { return rows[size_t(dtype)].bits; }

} // namespace ds
