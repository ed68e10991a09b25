#include "infer/input_kind.h"

#include "base/error.h"
#include "data/picture/decode.h"
#include "data/picture/picture_end.h"

namespace ds {
namespace {

constexpr size_t longest_line = size_t{1} << 20; // of a table's column names

bool looks_like_data_file(std::string_view head) { return head.starts_with("\x89HDF") || head.starts_with("ds-tools"); }

bool looks_like_table(std::string_view b) { return b.find_first_of("\r\n") != b.npos && b.find('\0') == b.npos; }

/// For a model of texts. The lines of CoNLL have tabs as well, so that .tsv may be either.
bool is_named_as_table(const std::string& path, const InputRows& rows) {
    return path.ends_with(".csv") || (path.ends_with(".tsv") && rows.token_rule() != TokenRule::lines);
}

} // namespace

InputKind kind_of(const std::string& path, const Source& source, const InputRows& rows, const PredictRequest& request) {
    if (looks_like_data_file(source.head(16))) return InputKind::data_file;
    if (request.as_table) return InputKind::table;
    const std::string head = source.head(longest_line);
    if (rows.takes_text()) return request.lines || !is_named_as_table(path, rows) ? InputKind::texts : InputKind::table;
    if (head.starts_with("\x93NUMPY")) return InputKind::array;
    if (is_picture(head)) return InputKind::picture;
    return looks_like_table(head) ? InputKind::table : InputKind::unknown;
}

bool is_wanted_of_folder(const Source& source, const InputRows& rows) {
    if (!rows.takes_text()) return is_picture(source.head(32));
    return source.head(longest_line).find('\0') == std::string::npos;
}

bool is_stdin(const std::string& path) { return path == "-" || path == "/dev/stdin" || path == "/dev/fd/0"; }

void refuse_second_picture(std::span<const std::byte> bytes) {
    const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const size_t end = picture_end(all);
    if (end < all.size() && is_picture(all.substr(end)))
        fail(
            Exit::data,
            "stdin: a picture ends at byte {} and another one begins; stdin is one picture: give files, or their names "
            "by --files-from -",
            end);
}

} // namespace ds
