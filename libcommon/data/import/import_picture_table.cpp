// Pictures whose targets stand in a table, a row for each: classes, numbers, labels. A cell names the file, with or
// without its ending.
#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "base/names.h"
#include "data/import/beside_rows.h"
#include "data/import/picture_column.h"
#include "data/import/pictures_ahead.h"
#include "data/picture/decode.h"

namespace ds {
namespace {

class RowPictures : public BesideRows {
public:
    RowPictures(const ImportRequest& request, const ImageOptions& options)
        : request_(request), options_(options), files_(pictures_below(request.inputs[0])) {
        for (size_t i = 0; i < files_.size(); ++i) {
            add_key(files_[i].name, i);
            add_key(files_[i].stem(), i);
        }
    }

    void look(CsvReader& rows) override {
        column_ = column_of(rows);
        std::vector<int64_t> line(files_.size(), 0); // of each picture, where it has one
        std::vector<PictureFile> used;
        while (rows.next()) {
            const int64_t file = find(rows);
            place_.push_back(file < 0 ? nobody : int64_t(used.size()));
            if (file < 0) continue;
            const auto i = size_t(file);
            if (line[i] > 0)
                fail(Exit::data, "{}: line {}: the picture '{}' is that of line {} already; a picture has one row",
                     rows.source(), rows.line(), shown(files_[i].name), line[i]);
            line[i] = rows.line();
            used.push_back(files_[i]);
        }
        tell(rows, line);
        rule_ = rule_for(options_, used);
        ahead_.emplace(std::move(used), rule_, options_);
    }
    bool has(const CsvReader& row) const override { return place_[size_t(row.rows_read() - 1)] >= 0; }
    void begin(DataFileWriter& writer) override {
        writer_ = &writer;
        pictures_.emplace(writer, rule_, options_.keep_encoded);
        for (size_t i = 0; i < ahead_->files().size(); ++i)
            if (const DecodedPicture& first = ahead_->at(i); !first.error) return pictures_->begin(first.image);
            else if (!request_.skip_bad) std::rethrow_exception(first.error); // else take() tells of it
        fail(Exit::data, "{}: no image could be read", request_.inputs[0]);
    }
    bool take(const CsvReader& row) override {
        const auto i = size_t(place_[size_t(row.rows_read() - 1)]);
        const DecodedPicture& one = ahead_->at(i);
        try {
            if (one.error) std::rethrow_exception(one.error);
            pictures_->append(one.image, one.bytes, ahead_->files()[i].path.string());
            names_.add(ahead_->files()[i]);
        } catch (const Error&) {
            leave_out(std::current_exception(), request_);
            return false;
        }
        return true;
    }
    void finish(MetaWriter& meta) override {
        names_.write(*writer_);
        pictures_->tell(meta);
    }
    /// All files of the folder go into its digest, in the order of their names.
    std::vector<HistoryInput> inputs() const override {
        TreeHasher hasher;
        for (const PictureFile& file : files_)
            add_file(hasher, file.name, read_file(file.path.string(), largest_picture_file));
        return {{folder_name(request_.inputs[0]), to_hex(hasher.finish()), ""}};
    }

private:
    static constexpr int64_t nobody = -1, several = -2;

    void add_key(const std::string& key, size_t file) {
        const auto [there, is_new] = by_name_.emplace(key, int64_t(file));
        if (!is_new && there->second != int64_t(file)) there->second = several;
    }
    size_t column_of(const CsvReader& rows) const {
        if (options_.file.empty()) return 0;
        const int found = rows.find(options_.file);
        if (found < 0)
            fail(Exit::usage, "{}: there is no column '{}'; there are: {}", rows.source(), options_.file,
                 rows.columns());
        return size_t(found);
    }
    int64_t file_of(std::string name) const {
        const std::string own = folder_name(request_.inputs[0]) + "/";
        for (const std::string& prefix : {std::string("./"), own}) {
            if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
            if (name.starts_with(prefix)) name = name.substr(prefix.size());
        }
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nobody : found->second;
    }
    /// The picture of the row, or nobody.
    int64_t find(const CsvReader& rows) {
        const std::string& name = rows.row()[column_];
        const int64_t file = file_of(name);
        if (file == several)
            fail(Exit::data, "{}: line {}: '{}' is the name of several pictures in {}, with different endings",
                 rows.source(), rows.line(), shown(name), request_.inputs[0]);
        if (file < 0 && lost_++ == 0) {
            first_lost_ = name;
            first_lost_line_ = rows.line();
        }
        return file;
    }
    /// What rows and pictures lack; `line`: of the row that each picture has, 0 for none.
    void tell(const CsvReader& rows, const std::vector<int64_t>& line) const {
        const std::string& folder = request_.inputs[0];
        const auto alone = std::ranges::count(line, 0);
        if (alone == std::ssize(line))
            fail(Exit::data, "{}: no row names a picture of {}: column '{}' has '{}', and a picture is called '{}'",
                 rows.source(), folder, shown(rows.header()[column_]), shown(first_lost_), shown(files_[0].name));
        if (lost_ > 0 && !request_.skip_bad)
            fail(Exit::data, "{}: line {}: there is no picture '{}' in {}; --skip-bad leaves such rows out",
                 rows.source(), first_lost_line_, shown(first_lost_), folder);
        if (lost_ > 0)
            log::warning(fmt::format("{} rows of {} have no picture in {} and are left out ('{}'{})", lost_,
                                     rows.source(), folder, shown(first_lost_), lost_ > 1 ? ", ..." : ""));
        if (alone > 0)
            log::info(fmt::format("{} pictures have no row in {} and are left out ({}{})", alone, rows.source(),
                                  files_[size_t(std::ranges::find(line, 0) - line.begin())].name,
                                  alone > 1 ? ", ..." : ""));
    }

    const ImportRequest& request_;
    const ImageOptions& options_;
    std::vector<PictureFile> files_; // of the folder
    std::unordered_map<std::string, int64_t> by_name_;
    size_t column_ = 0;
    std::vector<int64_t> place_;             // of each row, its place in what is decoded; -1: it has no picture
    int64_t lost_ = 0, first_lost_line_ = 0; // rows without a picture
    std::string first_lost_;
    PictureRule rule_;
    std::optional<PicturesAhead> ahead_;
    DataFileWriter* writer_ = nullptr;
    std::optional<PictureColumn> pictures_;
    FileNames names_;
};

} // namespace

ImportSummary import_picture_table(const ImportRequest& request, const ImageOptions& options) {
    RowPictures pictures(request, options);
    const Source source(options.table, true);
    CsvOptions columns = options.columns;
    columns.only_chosen = true;
    return import_table(request, columns, source, &pictures);
}

} // namespace ds
