#include "data/format/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "base/error.h"

namespace ds {
namespace {

constexpr size_t buffer_size = size_t{1} << 18;

} // namespace

struct GzipReader::Inflater {
    Inflater() {
        if (inflateInit2(&stream, 15 + 16) != Z_OK) throw std::bad_alloc();
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream stream{};
};

GzipReader::GzipReader(const Source& source) : source_(source) {
    std::byte magic[2];
    if (source.size() < sizeof magic) return;
    source.read(0, magic);
    if (magic[0] == std::byte{0x1f} && magic[1] == std::byte{0x8b}) inflater_ = std::make_unique<Inflater>();
}

GzipReader::~GzipReader() = default;

size_t GzipReader::read_plain(std::span<std::byte> to) {
    const size_t n = size_t(std::min<uint64_t>(to.size(), source_.size() - at_));
    source_.read(at_, to.first(n));
    at_ += n;
    return n;
}

/// More compressed bytes; false where the source ends.
bool GzipReader::refill() {
    buffer_.resize(buffer_size);
    const size_t n = read_plain(buffer_);
    inflater_->stream.next_in = reinterpret_cast<Bytef*>(buffer_.data());
    inflater_->stream.avail_in = unsigned(n);
    return n > 0;
}

/// Another compressed part may follow the one that ended; other bytes behind it are passed over, as gzip does.
bool GzipReader::next_member() {
    z_stream& stream = inflater_->stream;
    if (stream.avail_in == 0 && !refill()) return false;
    if (*stream.next_in != 0x1f) return false;
    return inflateReset(&stream) == Z_OK;
}

size_t GzipReader::read(std::span<std::byte> to) {
    if (!inflater_) return read_plain(to);
    z_stream& stream = inflater_->stream;
    size_t done = 0;
    while (done < to.size() && !ended_) {
        if (stream.avail_in == 0 && !refill()) break;
        const size_t want = std::min<size_t>(to.size() - done, 1 << 24);
        stream.next_out = reinterpret_cast<Bytef*>(to.data() + done);
        stream.avail_out = unsigned(want);
        const int code = inflate(&stream, Z_NO_FLUSH);
        done += want - stream.avail_out;
        if (code == Z_STREAM_END) ended_ = !next_member();
        else if (code != Z_OK && code != Z_BUF_ERROR)
            fail(Exit::data, "{}: its compressed data is damaged (zlib's error {})", source_.name(), code);
    }
    return done;
}

} // namespace ds
