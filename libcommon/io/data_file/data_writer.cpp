#include <algorithm>
#include <optional>
#include <unistd.h>

#include "base/error.h"
#include "io/data_file/data_file.h"
#include "io/data_file/data_layout.h"
#include "io/data_file/data_reader_impl.h"
#include "io/history.h"
#include "io/sealed/sealed_file.h"

namespace ds {

namespace {

using hdf5::Item;
using hdf5::Kind;
namespace layout = data_layout;

bool storable(const std::string& name) {
    return !name.empty() && name.size() <= 200 && name != "." && name != ".." &&
           name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") == name.npos;
}

// An unlinked temporary file.
class Spool {
public:
    explicit Spool(const SealedWriter& writer) : fd_(writer.make_spool()), stream_(fd_, 0, writer.name()) {}
    ~Spool() { close(fd_); }
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    PayloadStream& stream() { return stream_; }
    void move_to(SealedWriter& writer, const std::string& path) {
        const seal::Entry entry = stream_.finish();
        writer.copy(path, fd_, 0, entry);
    }

private:
    int fd_;
    PayloadStream stream_;
};

struct Column {
    ColumnInfo info;
    int64_t rows = 0, elements = 0;
    std::unique_ptr<Spool> values;        // null when they go straight to the file
    std::unique_ptr<Spool> offsets;       // ragged only
    const SealedReader* source = nullptr; // copied columns
    std::string source_name;
};

Item array_item(const std::string& path, DType dtype, Dims shape) {
    Item item;
    item.kind = Kind::payload;
    item.path = path;
    item.dtype = dtype;
    item.shape = std::move(shape);
    return item;
}

Item texts_item(const std::string& path, Kind kind, std::vector<std::string> texts) {
    Item item;
    item.kind = kind;
    item.path = path;
    item.texts = std::move(texts);
    return item;
}

Dims with_rows(int64_t rows, const Dims& item_shape) {
    Dims shape = {rows};
    shape.insert(shape.end(), item_shape.begin(), item_shape.end());
    return shape;
}

std::span<const std::byte> bytes_of(std::span<const int64_t> numbers) { return std::as_bytes(numbers); }

} // namespace

struct DataFileWriter::Impl {
    explicit Impl(const std::string& path) : writer(path) {}

    Column& at(int column, bool ragged) {
        if (column < 0 || size_t(column) >= columns.size()) bug("no column {}", column);
        Column& c = *columns[size_t(column)];
        if (c.source || c.info.ragged != ragged) bug("column {} takes no such rows", c.info.name);
        return c;
    }

    void check_new(const ColumnInfo& info) const {
        if (!storable(info.name))
            fail(Exit::data, "the column name '{}' is not made of letters, digits, '_', '-' and '.'", info.name);
        for (const auto& c : columns)
            if (c->info.name == info.name) fail(Exit::data, "two columns are called '{}'", info.name);
        if (info.item_shape.size() + 1 > size_t(max_rank))
            fail(Exit::data, "column {}: too many dimensions", info.name);
    }

    void append_values(Column& c, std::span<const std::byte> bytes) {
        if (c.values) c.values->stream().append(bytes);
        else first->append(bytes);
    }

    // The first column's values are in place already; the others follow.
    void place_columns() {
        if (first) writer.end(values_path(*columns.front()), *first);
        for (const auto& c : columns) {
            if (c->source) copy_payloads(*c);
            if (c->values) c->values->move_to(writer, values_path(*c));
            if (c->offsets) c->offsets->move_to(writer, layout::offsets(c->info.name));
            c->values.reset();
            c->offsets.reset();
        }
    }

    void copy_payloads(const Column& c) {
        const auto item = [&](const std::string& path) -> const Item& { return *c.source->find(path); };
        if (!c.info.ragged) return writer.copy(values_path(c), *c.source, item(layout::column(c.source_name)));
        writer.copy(values_path(c), *c.source, item(layout::values(c.source_name)));
        writer.copy(layout::offsets(c.info.name), *c.source, item(layout::offsets(c.source_name)));
    }

    void place_splits() {
        std::vector<SealedWriter::Part> parts;
        for (const auto& [name, rows] : splits) parts.push_back({layout::split(name), bytes_of(rows)});
        writer.add(parts);
    }

    static std::string values_path(const Column& c) {
        return c.info.ragged ? layout::values(c.info.name) : layout::column(c.info.name);
    }

    int64_t check_rows() const {
        const int64_t rows = columns.empty() ? 0 : columns.front()->rows;
        for (const auto& c : columns)
            if (c->rows != rows)
                fail(Exit::data, "{}: column {} has {} rows, column {} has {}", writer.name(), c->info.name, c->rows,
                     columns.front()->info.name, rows);
        for (const auto& [name, numbers] : splits)
            for (const int64_t row : numbers)
                if (row < 0 || row >= rows)
                    fail(Exit::data, "{}: split {} has row {} of {}", writer.name(), name, row, rows);
        return rows;
    }

    hdf5::Structure structure() const {
        hdf5::Structure items(1);
        items[0].path = "/";
        items[0].attributes["format"] = "ds-tools data";
        items[0].attributes["format_version"] = fmt::format("{}.{}", layout::format_major, layout::format_minor);
        for (size_t i = 0; i < columns.size(); ++i) describe(*columns[i], i, items);
        for (const auto& [name, rows] : splits)
            items.push_back(array_item(layout::split(name), DType::i64, {int64_t(rows.size())}));
        if (!meta.empty()) items.push_back(texts_item("/meta", Kind::text, {meta}));
        for (size_t i = 0; i < history.size(); ++i)
            items.push_back(texts_item(history_path(i), Kind::text, {history[i]}));
        return items;
    }

    static void describe(const Column& c, size_t position, hdf5::Structure& items) {
        const std::string& name = c.info.name;
        hdf5::Attributes attributes = c.info.attributes;
        attributes["kind"] = c.info.kind;
        attributes["position"] = std::to_string(position);
        if (c.info.ragged) {
            Item group;
            group.path = layout::column(name);
            group.attributes = attributes;
            items.push_back(std::move(group));
            items.push_back(array_item(layout::values(name), c.info.dtype, with_rows(c.elements, c.info.item_shape)));
            items.push_back(array_item(layout::offsets(name), DType::i64, {c.rows + 1}));
        } else {
            items.push_back(array_item(layout::column(name), c.info.dtype, with_rows(c.rows, c.info.item_shape)));
            items.back().attributes = attributes;
        }
        if (!c.info.labels.empty()) items.push_back(texts_item(layout::labels(name), Kind::texts, c.info.labels));
    }

    SealedWriter writer;
    std::vector<std::unique_ptr<Column>> columns;
    std::optional<PayloadStream> first; // the first column's values
    std::map<std::string, std::vector<int64_t>> splits;
    std::string meta;
    std::vector<std::string> history;
};

DataFileWriter::DataFileWriter(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
DataFileWriter::~DataFileWriter() = default;
DataFileWriter::DataFileWriter(DataFileWriter&&) noexcept = default;

int DataFileWriter::add_column(ColumnInfo info) {
    impl_->check_new(info);
    auto column = std::make_unique<Column>();
    column->info = std::move(info);
    if (impl_->columns.empty()) impl_->first.emplace(impl_->writer.begin());
    else column->values = std::make_unique<Spool>(impl_->writer);
    if (column->info.ragged) {
        column->offsets = std::make_unique<Spool>(impl_->writer);
        const int64_t zero = 0;
        column->offsets->stream().append(bytes_of({&zero, 1}));
    }
    impl_->columns.push_back(std::move(column));
    return int(impl_->columns.size()) - 1;
}

void DataFileWriter::append(int column, std::span<const std::byte> rows) {
    Column& c = impl_->at(column, false);
    const int64_t size = c.info.item_bytes();
    if (size == 0 || int64_t(rows.size()) % size != 0)
        bug("column {}: {} bytes are no whole rows", c.info.name, rows.size());
    impl_->append_values(c, rows);
    c.rows += int64_t(rows.size()) / size;
}

void DataFileWriter::append_ragged(int column, std::span<const std::byte> values, std::span<const int64_t> lengths) {
    Column& c = impl_->at(column, true);
    std::vector<int64_t> ends;
    int64_t elements = c.elements;
    for (const int64_t length : lengths) {
        if (length < 0) bug("column {}: a row of {} elements", c.info.name, length);
        ends.push_back(elements += length);
    }
    if (int64_t(values.size()) != (elements - c.elements) * c.info.item_bytes())
        bug("column {}: {} bytes for {} elements", c.info.name, values.size(), elements - c.elements);
    impl_->append_values(c, values);
    c.offsets->stream().append(bytes_of(ends));
    c.elements = elements;
    c.rows += int64_t(lengths.size());
}

int DataFileWriter::copy_column(const DataFileReader& from, int index, ColumnInfo info) {
    impl_->check_new(info);
    const ColumnInfo& old = from.columns().at(size_t(index));
    if (info.dtype != old.dtype || info.item_shape != old.item_shape || info.ragged != old.ragged)
        bug("column {} is copied as another type", info.name);
    auto column = std::make_unique<Column>();
    column->info = std::move(info);
    column->source = &from.impl_->file;
    column->source_name = old.name;
    column->rows = from.rows();
    column->elements = old.ragged ? from.impl_->element_count(index) : 0;
    impl_->columns.push_back(std::move(column));
    return int(impl_->columns.size()) - 1;
}

void DataFileWriter::set_split(const std::string& name, std::span<const int64_t> rows) {
    if (!storable(name)) fail(Exit::data, "the split name '{}' is not made of letters, digits, '_', '-' and '.'", name);
    impl_->splits[name].assign(rows.begin(), rows.end());
}

void DataFileWriter::set_meta(std::string json) { impl_->meta = std::move(json); }
void DataFileWriter::set_history(std::vector<std::string> records) { impl_->history = std::move(records); }

Digest DataFileWriter::commit() {
    impl_->check_rows();
    impl_->place_columns();
    impl_->place_splits();
    return impl_->writer.commit(impl_->structure());
}

} // namespace ds
