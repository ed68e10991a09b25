// Text becomes rows of bytes: each file is cut into pieces, so that splits can be drawn along pieces, and rows
// one after another give the text again.
#include <algorithm>
#include <memory>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/progress.h"
#include "data/import/import.h"

namespace ds {
namespace {

/// Pieces of 4 KiB at least, and about a thousand of them.
int64_t piece_bytes(int64_t total) { return std::clamp<int64_t>(total / 1024, 4096, int64_t{1} << 20); }

/// One text of perhaps very many: open only while it is read, but for a pipe, whose bytes come once.
class Text {
public:
    explicit Text(const std::string& path) : path_(path) {
        auto source = std::make_unique<Source>(path, true);
        size_ = source->size();
        if (source->fd() < 0) held_ = std::move(source);
    }
    uint64_t size() const { return size_; }
    /// Hands it over once.
    std::unique_ptr<Source> open() {
        if (held_) return std::move(held_);
        auto source = std::make_unique<Source>(path_, true);
        if (source->size() != size_) fail(Exit::data, "{}: its length changes while it is read", path_);
        return source;
    }

private:
    std::string path_;
    uint64_t size_ = 0;
    std::unique_ptr<Source> held_;
};

} // namespace

ImportSummary import_text(const ImportRequest& request, double validation) {
    if (request.inputs.empty()) fail(Exit::usage, "import text takes one or more files");
    std::vector<Text> texts;
    int64_t total = 0;
    for (const std::string& path : request.inputs) total += int64_t(texts.emplace_back(path).size());
    if (total == 0) fail(Exit::data, "{}: there is no text", request.inputs[0]);
    DataFileWriter writer(request.output);
    const int column = writer.add_column({"tokens", DType::u8, {}, true, "text", {}, {}});
    const int64_t validation_bytes = validation < 1 ? int64_t(validation * double(total) + 0.5) : int64_t(validation);
    if (validation_bytes >= total)
        fail(Exit::usage, "--val {} leaves nothing of {} bytes to train on", validation, total);
    const int64_t border = total - validation_bytes, piece = piece_bytes(total);
    std::vector<int64_t> train, val;
    int64_t done = 0, rows = 0;
    Progress progress("importing", total, "bytes");
    std::vector<std::byte> bytes;
    std::vector<HistoryInput> inputs;
    for (Text& each : texts) {
        const std::unique_ptr<Source> text = each.open();
        for (uint64_t at = 0; at < text->size(); at += bytes.size()) {
            const int64_t to_border = done < border ? border - done : piece; // a piece ends where val begins
            const int64_t length = std::min({piece, int64_t(text->size() - at), to_border});
            bytes.resize(size_t(length));
            text->read(at, bytes);
            writer.append_ragged(column, bytes, std::span(&length, 1));
            (done < border ? train : val).push_back(rows++);
            done += length;
            progress.update(done);
        }
        inputs.push_back(input_of(*text));
    }
    if (!val.empty()) {
        writer.set_split("train", train);
        writer.set_split("val", val);
    }
    writer.set_meta("{}");
    writer.set_history({import_record(request, std::move(inputs))});
    writer.commit();
    return {total, 0, "bytes of text"};
}

} // namespace ds
