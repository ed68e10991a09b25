#include "data/text/lines.h"

#include <algorithm>

#include "base/error.h"
#include "data/text/words.h"

namespace ds {
namespace {

constexpr size_t piece_size = size_t{1} << 16;

class Lines {
public:
    Lines(const Source& source, const std::function<void(std::string_view, int64_t)>& each)
        : source_(source), name_(source.name()), each_(each) {}

    void run() {
        std::string piece, open; // the line that a piece ends in
        for (uint64_t at = 0; at < source_.size(); at += piece.size()) {
            piece.resize(size_t(std::min<uint64_t>(piece_size, source_.size() - at)));
            source_.read(at, std::as_writable_bytes(std::span(piece)));
            size_t begin = 0;
            for (size_t end; (end = piece.find('\n', begin)) != piece.npos; begin = end + 1) {
                open.append(piece, begin, end - begin);
                give(open);
            }
            open.append(piece, begin);
            if (open.size() > largest_text) fail(Exit::data, "{}: line {}: a line of more than 16 MiB", name_, number_);
        }
        if (!open.empty()) give(open);
    }

private:
    void give(std::string& line) {
        std::string_view text = line;
        if (number_ == 1 && text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
        if (text.ends_with('\r')) text.remove_suffix(1);
        each_(text, number_++);
        line.clear();
    }

    const Source& source_;
    std::string name_;
    const std::function<void(std::string_view, int64_t)>& each_;
    int64_t number_ = 1;
};

} // namespace

void each_line(const Source& source, const std::function<void(std::string_view line, int64_t number)>& each) {
    Lines(source, each).run();
}

std::string_view checked_text(std::string_view text, const std::string& name) {
    if (text.size() > largest_text) fail(Exit::data, "{}: a text of more than 16 MiB", name);
    if (text.find('\0') != text.npos) fail(Exit::data, "{}: a zero byte; this is no text", name);
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    return text;
}

} // namespace ds
