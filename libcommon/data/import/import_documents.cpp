// Texts, one a row: files, whose folders are classes, or the lines of files. They are kept as they are, byte by byte;
// which words a vocabulary has is counted as they pass by.
#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/utf8.h"
#include "data/import/class_folders.h"
#include "data/import/import.h"
#include "data/import/pictures_ahead.h"
#include "data/picture/decode.h"
#include "data/text/documents.h"
#include "data/text/lines.h"

namespace ds {
namespace {

constexpr FolderWords words{"text --labels", "texts"};
constexpr size_t most_waiting = 4 << 20; // bytes

/// The data file as it grows.
class DocumentWriter {
public:
    DocumentWriter(const ImportRequest& request, const DocumentOptions& options)
        : request_(request),
          options_(options),
          writer_(request.output),
          column_(writer_.add_column(document_column("text", options.most_words))) {}

    /// `label`: of its class, < 0: none. `split`: "": none; with splits, the vocabulary is of train.
    void take(std::string_view text, int32_t label, const std::string& split) {
        if (is_learned_from(split)) counter_.add(text);
        splits_[split].push_back(summary_.samples);
        if (label >= 0) classes_.push_back(label);
        others_ += find_not_utf8(text) != text.npos || open_utf8(text) > 0;
        waiting_ += text;
        lengths_.push_back(int64_t(text.size()));
        ++summary_.samples;
        if (waiting_.size() > most_waiting) flush();
    }
    void take_file(const PictureFile& file, int32_t label, const std::string& split) {
        try {
            const std::string bytes = read_file(file.path.string(), largest_picture_file);
            add_file(hasher_, file.name, bytes);
            take(checked_text(bytes, file.path.string()), label, split);
            names_.add(file);
        } catch (const Error&) {
            leave_out(std::current_exception(), request_);
            ++summary_.skipped;
        }
    }
    /// An empty line is a text without words, so that rows are lines.
    void take_lines(const Source& source, int32_t label, const std::string& split) {
        each_line(source, [&](std::string_view line, int64_t number) {
            empty_ += line.find_first_not_of(" \t") == line.npos;
            try {
                take(checked_text(line, fmt::format("{}: line {}", source.name(), number)), label, split);
            } catch (const Error&) {
                leave_out(std::current_exception(), request_);
                ++summary_.skipped;
            }
        });
    }
    /// As add_file, of a file that memory need not hold.
    void hash(const std::string& name, const Source& source) {
        add_file(hasher_, name, "");
        std::vector<std::byte> piece;
        for (uint64_t at = 0; at < source.size(); at += piece.size()) {
            piece.resize(size_t(std::min<uint64_t>(1 << 20, source.size() - at)));
            source.read(at, piece);
            hasher_.update(piece);
        }
    }
    std::string digest() { return to_hex(hasher_.finish()); }

    ImportSummary finish(std::vector<std::string> labels, std::vector<HistoryInput> inputs) {
        if (summary_.samples == empty_) fail(Exit::data, "{}: there is no text", request_.inputs[0]);
        flush();
        if (!labels.empty()) {
            drop_unused_classes(labels, classes_, words);
            writer_.append(writer_.add_column({"label", DType::i32, {}, false, "target", std::move(labels), {}}),
                           std::as_bytes(std::span(classes_)));
        }
        if (!options_.lines) names_.write(writer_);
        MetaWriter meta;
        const WordList list = counter_.list(size_t(options_.most_words));
        meta.add("text", list);
        write_splits(splits_, request_.inputs[0], words, writer_, meta);
        tell(list);
        writer_.set_meta(meta.json());
        writer_.set_history({import_record(request_, std::move(inputs))});
        writer_.commit();
        return summary_;
    }

private:
    void flush() {
        writer_.append_ragged(column_, std::as_bytes(std::span(waiting_)), lengths_);
        waiting_.clear();
        lengths_.clear();
    }
    void tell(const WordList& list) const {
        log::info(
            fmt::format("{} words that stand twice or more; the longest text has {}", list.words.size(), list.longest));
        if (empty_ > 0) log::info(fmt::format("{} of the lines are empty: texts without words", empty_));
        if (others_ > 0)
            log::warning(fmt::format("{} texts are not UTF-8; what is none in them is read as Latin-1", others_));
    }

    const ImportRequest& request_;
    const DocumentOptions& options_;
    DataFileWriter writer_;
    int column_;
    FileNames names_;
    TreeHasher hasher_; // of every file's name and content, in order
    WordCounter counter_;
    std::string waiting_; // texts one after another, and their lengths
    std::vector<int64_t> lengths_;
    std::vector<int32_t> classes_;
    RowsOfSplits splits_;
    int64_t empty_ = 0, others_ = 0;
    ImportSummary summary_;
};

/// Files whose lines are the texts lie in a folder for each class, or are one each.
ClassFolders classes_of(const std::string& folder, bool lines) {
    ClassFolders tree = split_folders(folder, words);
    if (!tree.classes.empty()) return tree;
    if (!lines)
        fail(Exit::data, "{}: there are no folders of classes in it; --lines takes its files for classes of lines",
             folder);
    for (const PictureFile& file : tree.files) {
        const auto known = std::ranges::find(tree.classes, file.stem());
        tree.class_of.push_back(int32_t(known - tree.classes.begin()));
        if (known == tree.classes.end()) tree.classes.push_back(file.stem());
    }
    return tree;
}

ImportSummary import_folder(const ImportRequest& request, const DocumentOptions& options) {
    if (request.inputs.size() != 1) fail(Exit::usage, "import text --labels takes one folder");
    ClassFolders tree = classes_of(request.inputs[0], options.lines);
    DocumentWriter writer(request, options);
    Progress progress("importing", std::ssize(tree.files), "files");
    for (size_t i = 0; i < tree.files.size(); ++i) {
        progress.update(int64_t(i));
        const PictureFile& file = tree.files[i];
        const std::string split = tree.split_of.empty() ? "" : tree.split_of[i];
        if (!options.lines) {
            writer.take_file(file, tree.class_of[i], split);
            continue;
        }
        const Source source(file.path.string(), true);
        writer.hash(file.name, source);
        writer.take_lines(source, tree.class_of[i], split);
    }
    progress.finish();
    const std::string digest = writer.digest();
    return writer.finish(std::move(tree.classes), {{folder_name(request.inputs[0]), digest, ""}});
}

} // namespace

ImportSummary import_documents(const ImportRequest& request, const DocumentOptions& options) {
    if (options.labels) return import_folder(request, options);
    DocumentWriter writer(request, options);
    std::vector<HistoryInput> inputs;
    for (const std::string& path : request.inputs) {
        const Source source(path, true);
        writer.take_lines(source, -1, "");
        inputs.push_back(input_of(source));
    }
    return writer.finish({}, std::move(inputs));
}

} // namespace ds
