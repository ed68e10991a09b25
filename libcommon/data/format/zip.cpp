#include "data/format/zip.h"

#include <zlib.h>

#include <algorithm>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

constexpr uint32_t local_magic = 0x04034b50, entry_magic = 0x02014b50, end_magic = 0x06054b50, end64_magic = 0x06064b50,
                   locator_magic = 0x07064b50;
constexpr uint64_t local_size = 30, entry_size = 46, end_size = 22, end64_size = 56, locator_size = 20;
constexpr uint64_t most_directory = uint64_t{64} << 20; // bytes
constexpr uint32_t elsewhere = 0xffffffff;              // the number stands in a ZIP64 field

/// Little-endian numbers out of bytes that were read; a place outside is an error of the archive.
class Bytes {
public:
    Bytes(const Source& source, uint64_t offset, uint64_t size) : source_(source) {
        if (offset > source.size() || size > source.size() - offset) refuse();
        all_.resize(size_t(size));
        source.read(offset, all_);
    }
    uint64_t size() const { return all_.size(); }
    template <class T>
    T at(uint64_t place) const {
        if (place > all_.size() || sizeof(T) > all_.size() - place) refuse();
        uint64_t value = 0;
        for (size_t i = 0; i < sizeof(T); ++i) value |= uint64_t(all_[size_t(place) + i]) << (8 * i);
        return T(value);
    }
    std::string text(uint64_t place, uint64_t size) const {
        if (place > all_.size() || size > all_.size() - place) refuse();
        return {reinterpret_cast<const char*>(all_.data()) + place, size_t(size)};
    }
    [[noreturn]] void refuse() const {
        fail(Exit::data, "{}: its directory of members is damaged or cut", source_.name());
    }

private:
    const Source& source_;
    std::vector<std::byte> all_;
};

struct Directory {
    uint64_t offset = 0, size = 0, members = 0;
};

/// The end record lies before a comment of at most 64 KiB.
Directory find_directory(const Source& source) {
    if (source.size() < end_size) fail(Exit::data, "{}: not a ZIP archive", source.name());
    const uint64_t tail = std::min<uint64_t>(source.size(), end_size + 0xffff), start = source.size() - tail;
    const Bytes bytes(source, start, tail);
    uint64_t at = tail - end_size;
    while (bytes.at<uint32_t>(at) != end_magic || bytes.at<uint16_t>(at + 20) != tail - at - end_size)
        if (at-- == 0) fail(Exit::data, "{}: no ZIP archive, or one that is cut", source.name());
    const Directory plain{bytes.at<uint32_t>(at + 16), bytes.at<uint32_t>(at + 12), bytes.at<uint16_t>(at + 10)};
    const bool large = plain.offset == elsewhere || plain.size == elsewhere || plain.members == 0xffff;
    if (!large || start + at < locator_size) return plain;
    const Bytes locator(source, start + at - locator_size, locator_size);
    if (locator.at<uint32_t>(0) != locator_magic) return plain;
    const Bytes end64(source, locator.at<uint64_t>(8), end64_size);
    if (end64.at<uint32_t>(0) != end64_magic) end64.refuse();
    return {end64.at<uint64_t>(48), end64.at<uint64_t>(40), end64.at<uint64_t>(32)};
}

/// Numbers that do not fit 32 bits stand in an extra field, in this order and only those.
void read_zip64(const Bytes& bytes, uint64_t at, uint64_t size, ZipMember& member) {
    for (const uint64_t end = at + size; at + 4 <= end;) {
        const uint64_t length = bytes.at<uint16_t>(at + 2);
        uint64_t field = at + 4;
        const auto next = [&](uint64_t& number) {
            if (number != elsewhere || bytes.at<uint16_t>(at) != 1) return;
            if (field + 8 > at + 4 + length) bytes.refuse();
            number = bytes.at<uint64_t>(field);
            field += 8;
        };
        next(member.size);
        next(member.packed);
        next(member.offset);
        at += 4 + length;
    }
}

void check_member(const Source& source, const ZipMember& member, uint16_t flags) {
    const char* why = flags & 1                                            ? "is encrypted"
                      : member.method != 0 && member.method != 8           ? "is packed in another way than by deflate"
                      : member.method == 0 && member.size != member.packed ? "has two sizes"
                                                                           : nullptr;
    if (why) fail(Exit::data, "{}: its member '{}' {}", source.name(), shown(member.name), why);
}

} // namespace

bool looks_like_zip(std::string_view head) { return head.starts_with("PK\x03\x04"); }

std::vector<ZipMember> zip_members(const Source& source) {
    const Directory directory = find_directory(source);
    if (directory.size > most_directory)
        fail(Exit::data, "{}: its directory of members has {} bytes, more than {}", source.name(), directory.size,
             most_directory);
    const Bytes bytes(source, directory.offset, directory.size);
    std::vector<ZipMember> members;
    for (uint64_t at = 0; members.size() < directory.members;) {
        if (bytes.at<uint32_t>(at) != entry_magic) bytes.refuse();
        const uint64_t name = bytes.at<uint16_t>(at + 28), extra = bytes.at<uint16_t>(at + 30),
                       comment = bytes.at<uint16_t>(at + 32);
        ZipMember member{bytes.text(at + entry_size, name), bytes.at<uint32_t>(at + 24), bytes.at<uint32_t>(at + 20),
                         bytes.at<uint32_t>(at + 42),       bytes.at<uint32_t>(at + 16), bytes.at<uint16_t>(at + 10)};
        read_zip64(bytes, at + entry_size + name, extra, member);
        check_member(source, member, bytes.at<uint16_t>(at + 8));
        members.push_back(std::move(member));
        at += entry_size + name + extra + comment;
    }
    return members;
}

struct ZipReader::Inflater {
    Inflater() {
        if (inflateInit2(&stream, -15) != Z_OK) throw std::bad_alloc();
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream stream{};
};

ZipReader::ZipReader(const Source& source, const ZipMember& member) : source_(source), member_(member) {
    const Bytes local(source, member.offset, local_size);
    if (local.at<uint32_t>(0) != local_magic) refuse("has no header where the directory says");
    at_ = member.offset + local_size + local.at<uint16_t>(26) + local.at<uint16_t>(28);
    if (at_ > source.size() || member.packed > source.size() - at_) refuse("is cut");
    end_ = at_ + member.packed;
    if (member.method == 8) inflater_ = std::make_unique<Inflater>();
}

ZipReader::~ZipReader() = default;

void ZipReader::refuse(const std::string& why) const {
    fail(Exit::data, "{}: its member '{}' {}", source_.name(), shown(member_.name), why);
}

size_t ZipReader::read_packed(std::span<std::byte> to) {
    const size_t n = size_t(std::min<uint64_t>(to.size(), end_ - at_));
    source_.read(at_, to.first(n));
    at_ += n;
    return n;
}

size_t ZipReader::inflate_into(std::span<std::byte> to) {
    z_stream& stream = inflater_->stream;
    size_t done = 0;
    while (done < to.size()) {
        if (stream.avail_in == 0) {
            buffer_.resize(size_t{1} << 18);
            stream.avail_in = unsigned(read_packed(buffer_));
            stream.next_in = reinterpret_cast<Bytef*>(buffer_.data());
        }
        const size_t want = std::min<size_t>(to.size() - done, 1 << 24);
        stream.next_out = reinterpret_cast<Bytef*>(to.data() + done);
        stream.avail_out = unsigned(want);
        const int code = inflate(&stream, Z_NO_FLUSH);
        done += want - stream.avail_out;
        if (code == Z_STREAM_END) break;
        if (code == Z_BUF_ERROR && at_ == end_) break; // the packed bytes end before their own end
        if (code != Z_OK && code != Z_BUF_ERROR) refuse(fmt::format("is damaged (zlib's error {})", code));
    }
    return done;
}

size_t ZipReader::read(std::span<std::byte> to) {
    to = to.first(size_t(std::min<uint64_t>(to.size(), member_.size - given_)));
    const size_t n = inflater_ ? inflate_into(to) : read_packed(to);
    for (size_t at = 0; at < n; at += size_t{1} << 30)
        checksum_ = uint32_t(crc32(checksum_, reinterpret_cast<const Bytef*>(to.data()) + at,
                                   unsigned(std::min<size_t>(n - at, size_t{1} << 30))));
    given_ += n;
    if (n < to.size()) refuse("ends before its stated size");
    if (given_ == member_.size && checksum_ != member_.checksum) refuse("is damaged: its checksum is another one");
    return n;
}

} // namespace ds
