#include "data/batch/source.h"

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "data/batch/data_set.h"
#include "data/picture/kept_files.h"
#include "data/text/documents.h"
#include "data/text/tags.h"

namespace ds {

namespace {

/// Systems allow a process 1024 open files at first, and more when it asks.
void allow_open_files(size_t count) {
    constexpr rlim_t others = 256; // libraries, outputs
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= count + others) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, count + others);
    ::setrlimit(RLIMIT_NOFILE, &limit); // where it is refused, opening tells
}

/// Equal bytes under two names are rows that count twice.
void tell_of_copies(const std::vector<std::shared_ptr<const DataTable>>& files) {
    std::map<Digest, std::string> known;
    for (const auto& file : files)
        if (const auto [first, is_new] = known.try_emplace(file->file_digest(), file->path()); !is_new)
            log::warning(fmt::format("{} holds the same as {}; its rows count twice", file->path(), first->second));
}

} // namespace

std::pair<std::string, std::string> split_spec(const std::string& spec) {
    const size_t colon = spec.rfind(':');
    std::error_code ignored;
    const bool has_split = colon != std::string::npos && colon > 0 && spec.find('/', colon) == std::string::npos &&
                           !std::filesystem::exists(spec, ignored);
    if (!has_split) return {spec, ""};
    if (colon + 1 == spec.size())
        fail(Exit::usage, "{}: the name of a split is missing behind the colon; leave it out for the whole file", spec);
    return {spec.substr(0, colon), spec.substr(colon + 1)};
}

DataSource::DataSource(const std::string& spec) : DataSource(std::vector<std::string>{spec}) {}

DataSource::DataSource(const std::vector<std::string>& specs) {
    if (specs.empty()) bug("a data source of no files");
    const std::string split = split_spec(specs[0]).second;
    if (specs.size() > 1) allow_open_files(specs.size());
    std::vector<std::string> paths;
    for (const std::string& spec : specs) {
        const auto [path, own] = split_spec(spec);
        if (own != split)
            fail(Exit::usage, "{} and {} are not of one split; ds-data cat makes one file of any rows", specs[0], spec);
        if (std::ranges::count(paths, path) > 0)
            fail(Exit::usage, "{} is given twice, and its rows would count twice", path);
        paths.push_back(path);
        auto file = std::make_shared<DataFileReader>(path);
        if (specs.size() > 1) file->share_memory(int64_t(specs.size()));
        files_.push_back(std::move(file));
    }
    choose(split);
}

DataSource::DataSource(Source source, const std::string& split)
    : files_{std::make_shared<DataFileReader>(std::move(source))} {
    choose(split);
}

void DataSource::choose(const std::string& split) {
    split_ = split;
    std::shared_ptr<const DataSet> set;
    stored_ = files_[0];
    if (files_.size() > 1) {
        tell_of_copies(files_);
        set = std::make_shared<DataSet>(files_);
        stored_ = set;
    }
    table_ = decoded(stored_);
    read_meta();
    if (!split_.empty()) map_ = table_->split(split_);
    if (set) set->check_statistics();
    rows_ = split_.empty() ? table_->rows() : int64_t(map_.size());
    if (rows_ == 0) fail(Exit::data, "{}: there are no samples in {}", name(), split_.empty() ? "it" : "this split");
}

/// Words are many: they are not kept as JSON.
void DataSource::read_meta() {
    meta_ = table_->meta().empty() ? Json::object() : Json::parse(table_->meta(), table_->path());
    const Json* all = meta_.find("vocabularies");
    if (!all) return;
    for (const auto& [column, list] : all->members()) vocabularies_[column] = parse_words(list, name());
    meta_.set("vocabularies", Json::object());
}

const WordList& DataSource::words(const std::string& column) const {
    static const WordList none;
    const auto found = vocabularies_.find(column);
    return found == vocabularies_.end() ? none : found->second;
}

int64_t DataSource::word_bytes() const {
    constexpr int64_t read = 56; // of a word's JSON, in lists that grow by doubling: the process keeps that memory
    if (vocabularies_.empty()) return 0;
    auto all = int64_t(table_->meta().size());
    for (const auto& [column, list] : vocabularies_) {
        for (const std::string& word : list.words) all += read + bytes_of_word(word) + int64_t(sizeof(int64_t));
        for (const std::string& word : list.once) all += read + bytes_of_word(word);
    }
    return all;
}

std::string DataSource::name() const {
    const std::string first = files_[0]->path() + (split_.empty() ? "" : ":" + split_);
    return files_.size() == 1 ? first : fmt::format("{} and {} more", first, files_.size() - 1);
}

std::string DataSource::row_place(int64_t row) const {
    if (files_.size() == 1) return fmt::format("row {} of the file", row + 1);
    const auto& set = static_cast<const DataSet&>(*stored_);
    const size_t part = set.part_of(row);
    return fmt::format("row {} of {}", row - set.first_row(part) + 1, files_[part]->path());
}

std::string DataSource::place(int64_t i) const {
    return fmt::format("{} ({}[{}])", row_place(file_row(i)), recorded_name(), i);
}

std::string DataSource::row_name(int64_t i) const {
    if (files_.size() == 1) return fmt::format("{}[{}]", name(), i);
    const auto& set = static_cast<const DataSet&>(*stored_);
    const size_t part = set.part_of(file_row(i));
    return fmt::format("{}[{}]", files_[part]->path(), file_row(i) - set.first_row(part));
}

std::string DataSource::recorded_name() const { return base_name(name()); }
std::string_view DataSource::rows_are() const {
    return std::ranges::count(table_->columns(), "text", &ColumnInfo::kind) > 0 ? "pieces" : "samples";
}

std::string DataSource::digest() const { return to_hex(table_->file_digest()); }

DataFacts DataSource::facts() const {
    DataFacts facts;
    const Json* statistics = meta_.find("statistics");
    for (const ColumnInfo& column : table_->columns()) {
        DataColumn fact{column.name, column.kind, column.ragged ? Dims{} : column.item_shape,
                        int64_t(known_categories(column).size()), holds_targets(column.kind)};
        const auto values = column.attributes.find("values");
        fact.zero_one = values != column.attributes.end() && values->second == "0,1";
        const Json* own = statistics ? statistics->find(column.name) : nullptr;
        if (own) fact.missing = own->get<int64_t>("missing", 0);
        fact.of_words = has_tags(column);
        fact.spans = fact.of_words && make_spans(column.labels);
        if (is_document(column)) {
            const WordList& list = words(column.name);
            fact.words = std::ssize(list.words);
            fact.longest = list.longest;
        }
        facts.push_back(std::move(fact));
    }
    return facts;
}

std::string DataSource::statistics_split() const {
    const Json* of = meta_.find("statistics_of");
    return of ? of->get<std::string>("split") : "";
}

bool DataSource::has_statistics() const {
    const auto has = [&](const char* what) {
        const Json* own = meta_.find(what);
        return own && own->size() > 0;
    };
    return has("statistics") || has("unseen") || !vocabularies_.empty();
}

std::vector<std::string> DataSource::known_categories(const ColumnInfo& column) const {
    if (column.kind != "category") return column.labels;
    const Json* unseen = meta_.find("unseen");
    const Json* own = unseen ? unseen->find(column.name) : nullptr;
    std::vector<bool> left_out(column.labels.size());
    if (own)
        for (const Json& k : own->items())
            if (k.as_int() >= 0 && k.as_int() < int64_t(left_out.size())) left_out[size_t(k.as_int())] = true;
    std::vector<std::string> known;
    for (size_t k = 0; k < left_out.size(); ++k)
        if (!left_out[k]) known.push_back(column.labels[k]);
    return known;
}

std::vector<std::string> DataSource::labels() const {
    for (const ColumnInfo& column : table_->columns())
        if (holds_targets(column.kind)) return column.labels;
    return {};
}

Preprocessing DataSource::preprocessing() const {
    const Json *statistics = meta_.find("statistics"), *pictures = meta_.find("pictures");
    std::vector<std::string> missing;
    if (const Json* words = meta_.find("missing_words"))
        for (const Json& word : words->items()) missing.push_back(word.as_string());
    Preprocessing all;
    for (const ColumnInfo& column : table_->columns()) {
        if (holds_targets(column.kind)) continue;
        ColumnPreprocessing p;
        p.kind = column.kind;
        p.shape = column.ragged ? Dims{} : column.item_shape;
        if (column.kind == "number" || column.kind == "category" || is_document(column)) p.missing_words = missing;
        const auto parse = column.attributes.find("parse");
        p.date = parse != column.attributes.end() && parse->second == "date";
        const auto decimal = column.attributes.find("decimal");
        p.decimal_comma = decimal != column.attributes.end() && decimal->second == ",";
        p.wide = column.kind == "number" && (column.dtype == DType::f64 || column.dtype == DType::i64);
        if (column.kind == "category") p.categories = known_categories(column);
        if (column.kind == "image" && column.dtype == DType::u8) p.divide = 255;
        if (is_document(column)) {
            p.tokens = token_rule(column, name());
            p.word_column = word_column(column);
            p.words = words(column.name).words;
        }
        if (const Json* own = statistics ? statistics->find(column.name) : nullptr) {
            for (const Json& m : own->at("mean").items()) p.mean.push_back(m.as_number());
            // A channel without variation is centred only.
            for (const Json& s : own->at("std").items()) p.std.push_back(s.as_number() > 0 ? s.as_number() : 1);
            check_sound(p, column.name, name());
        }
        if (const Json* rule = pictures ? pictures->find(column.name) : nullptr) p.picture = parse_rule(*rule, name());
        all.columns[column.name] = std::move(p);
    }
    return all;
}

} // namespace ds
