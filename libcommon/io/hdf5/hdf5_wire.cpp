// Numbers are 8 bytes, texts a number and their bytes.
#include "io/hdf5/hdf5_wire.h"

#include <cstring>
#include <string_view>

#include "base/error.h"

namespace ds::hdf5 {

namespace {

class Message {
public:
    void number(uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), 8); }
    void text(std::string_view value) {
        number(value.size());
        bytes_ += value;
    }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

class Receiver {
public:
    Receiver(std::string_view bytes, const std::string& file) : rest_(bytes), file_(file) {}
    bool done() const { return rest_.empty(); }
    Item item() {
        Item it;
        it.kind = Kind(number(uint64_t(Kind::bytes)));
        it.path = text();
        for (uint64_t n = number(); n > 0; --n) {
            std::string key = text();
            it.attributes[std::move(key)] = text();
        }
        for (uint64_t n = number(); n > 0; --n) it.texts.push_back(text());
        it.dtype = DType(number(uint64_t(DType::boolean)));
        for (uint64_t n = number(max_rank); n > 0; --n) it.shape.push_back(int64_t(number(uint64_t{1} << 62)));
        it.offset = number();
        const std::string_view raw = take(number());
        it.bytes.resize(raw.size());
        if (!raw.empty()) std::memcpy(it.bytes.data(), raw.data(), raw.size());
        const bool array = it.kind == Kind::payload || it.kind == Kind::bytes;
        if ((it.kind == Kind::text && it.texts.size() != 1) ||
            (it.kind == Kind::bytes && int64_t(raw.size()) != ds::bytes(it.dtype, it.shape)) ||
            (array && ds::bytes(it.dtype, it.shape) < 0))
            broken();
        return it;
    }

private:
    [[noreturn]] void broken() { fail(Exit::data, "{}: refused: its HDF5 structure is damaged", file_); }
    std::string_view take(uint64_t size) {
        if (size > rest_.size()) broken();
        const std::string_view part = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return part;
    }
    uint64_t number(uint64_t highest = UINT64_MAX) {
        uint64_t value;
        std::memcpy(&value, take(8).data(), 8);
        if (value > highest) broken();
        return value;
    }
    std::string text() { return std::string(take(number())); }
    std::string_view rest_;
    const std::string& file_;
};

} // namespace

void send_item(const Item& item, const ChildSink& sink) {
    Message m;
    m.number(uint64_t(item.kind));
    m.text(item.path);
    m.number(item.attributes.size());
    for (const auto& [key, value] : item.attributes) {
        m.text(key);
        m.text(value);
    }
    m.number(item.texts.size());
    for (const std::string& t : item.texts) m.text(t);
    m.number(uint64_t(item.dtype));
    m.number(item.shape.size());
    for (const int64_t size : item.shape) m.number(uint64_t(size));
    m.number(item.offset);
    m.number(item.bytes.size());
    sink(m.bytes());
    if (!item.bytes.empty()) sink({reinterpret_cast<const char*>(item.bytes.data()), item.bytes.size()});
}

Structure receive_items(const std::string& bytes, const std::string& file) {
    Structure items;
    for (Receiver receiver(bytes, file); !receiver.done();) items.push_back(receiver.item());
    return items;
}

} // namespace ds::hdf5
