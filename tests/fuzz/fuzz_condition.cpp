// Any bytes as a condition on rows: an Error, or one whose text reads back as the same; and the rows of a small file
// that it keeps, which are those that the text keeps.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "base/error.h"
#include "data/edit/filter.h"
#include "io/data_file/data_file.h"

namespace {

/// A column of each sort that is compared, and one of arrays, in three rows.
ds::DataFileReader small_file() {
    const std::string path =
        std::filesystem::temp_directory_path() / ("ds-fuzz-condition-" + std::to_string(getpid()) + ".h5");
    ds::DataFileWriter writer(path);
    const auto add = [&](ds::ColumnInfo info, const auto& values) {
        writer.append(writer.add_column(std::move(info)), std::as_bytes(std::span(values)));
    };
    add({"x", ds::DType::f32, {}, false, "number", {}, {}}, std::vector<float>{1, std::nanf(""), -2.5F});
    add({"k", ds::DType::i64, {}, false, "number", {}, {}}, std::vector<int64_t>{INT64_MIN, 0, INT64_MAX});
    add({"day", ds::DType::f32, {}, false, "number", {}, {{"parse", "date"}}}, std::vector<float>{0, 19782, 19783});
    add({"c", ds::DType::i32, {}, false, "category", {"", "red"}, {}}, std::vector<int32_t>{0, 1, 1});
    add({"row", ds::DType::f32, {2}, false, "number", {}, {}}, std::vector<float>(6));
    const int id = writer.add_column({"id", ds::DType::u8, {}, true, "id", {}, {}});
    for (const std::string_view name : {"a", "", "b"}) {
        const int64_t length = int64_t(name.size());
        writer.append_ragged(id, std::as_bytes(std::span(name)), std::span(&length, 1));
    }
    writer.set_meta("{}");
    writer.commit();
    ds::DataFileReader reader(path);
    std::filesystem::remove(path); // it is open
    return reader;
}

/// The rows that are kept; none where it does not fit the file.
std::vector<int64_t> kept(const ds::Condition& condition) {
    static const ds::DataFileReader file = small_file();
    static const std::vector<int64_t> all{0, 1, 2};
    try {
        return ds::rows_where(file, condition, all);
    } catch (const ds::Error& error) {
        if (error.code() != ds::Exit::usage) std::abort();
        return {};
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ds::Condition condition;
    try {
        condition = ds::parse_condition({reinterpret_cast<const char*>(data), size});
    } catch (const ds::Error& error) {
        if (error.code() != ds::Exit::usage) std::abort();
        return 0;
    }
    const std::vector<int64_t> rows = kept(condition);
    try {
        const ds::Condition again = ds::parse_condition(ds::text(condition));
        if (!(again == condition) || kept(again) != rows) std::abort();
    } catch (const ds::Error&) { // the parentheses of its text may nest too deeply
        if (size < 60) std::abort();
    }
    return 0;
}
