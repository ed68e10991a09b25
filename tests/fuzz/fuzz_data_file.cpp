// Any structure of columns, splits and labels as a data file that is soundly sealed: an Error, or columns
// that can be read from end to end.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/error.h"
#include "io/data_file/data_file.h"
#include "io/sealed/sealed_file.h"

namespace {

using ds::hdf5::Item;
using ds::hdf5::Kind;

// Takes decisions from the input; 0 when it is used up.
class Choices {
public:
    Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}
    bool done() const { return at_ >= size_; }
    unsigned below(unsigned n) { return done() ? 0 : data_[at_++] % n; }

private:
    const uint8_t* data_;
    size_t size_, at_ = 0;
};

Item any_item(Choices& choices, std::vector<std::vector<std::byte>>& payloads) {
    static const char* const paths[] = {"/columns/a",         "/columns/b",  "/columns/a/values", "/columns/a/offsets",
                                        "/columns/b/offsets", "/columns",    "/columns/b/values", "/splits/train",
                                        "/labels/a",          "/meta",       "/history/0000",     "/surprise",
                                        "/columns/a/x/y",     "/splits/t/u", "/labels",           "/columns/c"};
    Item item;
    item.path = paths[choices.below(16)];
    item.kind = Kind(choices.below(4));
    if (choices.below(2)) item.attributes["position"] = std::string(1, char('0' + choices.below(12)));
    if (choices.below(4) == 1) item.attributes["kind"] = "text";
    if (item.kind == Kind::text) item.texts = {"{}"};
    if (item.kind == Kind::texts) item.texts.assign(choices.below(4), "label");
    if (item.kind != Kind::payload) return item;
    item.dtype = ds::DType(choices.below(9));
    for (unsigned rank = choices.below(4); rank > 0; --rank) item.shape.push_back(choices.below(5));
    auto& bytes = payloads.emplace_back(size_t(ds::bytes(item.dtype, item.shape)));
    for (size_t i = 0; i < bytes.size(); i += 8) bytes[i] = std::byte(choices.below(6)); // small numbers: offsets, rows
    return item;
}

void write(const std::string& path, Choices choices) {
    ds::hdf5::Structure items(1);
    items[0].path = "/";
    items[0].attributes = {{"format", "ds-tools data"}, {"format_version", "1.0"}};
    std::vector<std::vector<std::byte>> payloads;
    std::vector<ds::SealedWriter::Part> parts;
    while (!choices.done() && items.size() < 20) {
        items.push_back(any_item(choices, payloads));
        if (items.back().kind == Kind::payload) parts.push_back({items.back().path, {}});
    }
    for (size_t i = 0; i < parts.size(); ++i) parts[i].bytes = payloads[i];
    ds::SealedWriter writer(path);
    writer.add(parts);
    writer.commit(std::move(items));
}

void read(const std::string& path) {
    const ds::DataFileReader reader(path);
    reader.verify();
    for (size_t i = 0; i < reader.columns().size(); ++i) {
        const auto& column = reader.columns()[i];
        std::vector<std::byte> room(size_t(reader.rows() * column.item_bytes()));
        if (!column.ragged) {
            reader.read(int(i), 0, reader.rows(), room.data());
            continue;
        }
        const int64_t elements = reader.offsets(int(i)).back();
        room.resize(size_t(elements * column.item_bytes()));
        reader.read_values(int(i), 0, elements, room.data());
    }
    for (const std::string& name : reader.splits()) reader.split(name);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const std::string path =
        std::filesystem::temp_directory_path() / ("ds-fuzz-" + std::to_string(getpid()) + ".h5");
    try {
        write(path, Choices(data, size));
        read(path);
    } catch (const ds::Error& error) {
        if (error.code() == ds::Exit::bug && std::string(error.what()).find("payload of its size") == std::string::npos)
            std::abort();
    }
    std::filesystem::remove(path);
    return 0;
}
