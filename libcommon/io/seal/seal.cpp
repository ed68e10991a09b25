// Text of the seal: one field a line, blanks up to the last line, which is the digest of all before it.
// The last line keeps its place in every version, so that a newer file is told from a damaged one.
#include "io/seal/seal.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/error.h"

namespace ds::seal {

namespace {

constexpr std::string_view magic = "ds-tools sealed ";
constexpr size_t last_line = 5 + 64 + 1; // "seal " hex "\n"
constexpr size_t digested = block_size - last_line;

std::span<const std::byte> as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// Takes one field apart after another; any surprise makes ok() false.
class Fields {
public:
    explicit Fields(std::string_view text) : rest_(text) {}
    bool ok() const { return ok_; }
    bool done() const { return rest_.empty(); }
    void expect(std::string_view word) {
        if (rest_.starts_with(word)) rest_.remove_prefix(word.size());
        else ok_ = false;
    }
    uint64_t number() {
        uint64_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc()) {
            ok_ = false;
            return 0;
        }
        rest_.remove_prefix(size_t(end - rest_.data()));
        return value;
    }
    Digest digest() {
        Digest result{};
        if (rest_.size() < 64 || rest_.substr(0, 64).find_first_not_of("0123456789abcdef") != rest_.npos) {
            ok_ = false;
            return result;
        }
        result = digest_from_hex(rest_.substr(0, 64));
        rest_.remove_prefix(64);
        return result;
    }
    std::string_view until(char stop) {
        const size_t n = std::min(rest_.find(stop), rest_.size());
        const std::string_view word = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return word;
    }

private:
    std::string_view rest_;
    bool ok_ = true;
};

[[noreturn]] void damaged_header(const std::string& file) {
    fail(Exit::data, "{}: the header (its first 512 bytes) is damaged; take the file from its source again", file);
}

} // namespace

std::string write_block(const Block& b) {
    std::string text = fmt::format("{}{}.{}\n"
                                   "This is an HDF5 file: h5ls, h5dump and h5py read it, ds-info --verify checks it.\n"
                                   "length {}\npayload {} {}\ntable {} {}\nchunks {} {}\nmetadata {}\n",
                                   magic, b.major, b.minor, b.length, b.payload_end, to_hex(b.payload), b.table_offset,
                                   b.table_length, b.chunks_offset, b.chunks_length, to_hex(b.metadata));
    if (text.size() > digested) bug("a seal of {} bytes", text.size());
    text.resize(digested, ' ');
    text.back() = '\n';
    return text + "seal " + to_hex(sha256(as_bytes(text))) + "\n";
}

bool is_sealed(std::string_view bytes) { return bytes.starts_with(magic); }

Digest file_digest(const Block& block) {
    return sha256(as_bytes(std::string_view(write_block(block)).substr(0, digested)));
}

Block parse_block(std::span<const std::byte> bytes, const std::string& file) {
    if (bytes.size() < block_size)
        fail(Exit::data, "{}: cut short inside the header: {} bytes are left; take the file from its source again",
             file, bytes.size());
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), block_size);
    Fields last(text.substr(digested));
    last.expect("seal ");
    const Digest own = last.digest();
    last.expect("\n");
    if (!last.ok() || own != sha256(bytes.first(digested))) damaged_header(file);

    Block b;
    Fields f(text);
    f.expect(magic);
    b.major = int(std::min<uint64_t>(f.number(), 1000000));
    f.expect(".");
    b.minor = int(std::min<uint64_t>(f.number(), 1000000));
    if (f.ok() && b.major > format_major)
        fail(Exit::data,
             "{}: sealed by format {}.{}, newer than {}.{} that this ds-tools reads; install a newer ds-tools", file,
             b.major, b.minor, format_major, format_minor);
    f.expect("\n");
    f.until('\n');
    f.expect("\nlength ");
    b.length = f.number();
    f.expect("\npayload ");
    b.payload_end = f.number();
    f.expect(" ");
    b.payload = f.digest();
    f.expect("\ntable ");
    b.table_offset = f.number();
    f.expect(" ");
    b.table_length = f.number();
    f.expect("\nchunks ");
    b.chunks_offset = f.number();
    f.expect(" ");
    b.chunks_length = f.number();
    f.expect("\nmetadata ");
    b.metadata = f.digest();
    f.expect("\n");
    if (!f.ok()) damaged_header(file);
    return b;
}

Block read_block(std::span<const std::byte> bytes, uint64_t length, const std::string& file) {
    const Block b = parse_block(bytes, file);
    if (b.length != length)
        fail(Exit::data, "{}: {}: {} bytes instead of {}; take the file from its source again", file,
             length < b.length ? "cut short" : "bytes were appended", length, b.length);
    const auto inside = [&](uint64_t offset, uint64_t size) {
        return offset >= b.payload_end && offset <= length && size <= length - offset;
    };
    if (b.payload_end < payload_begin || b.payload_end > length || !inside(b.table_offset, b.table_length) ||
        !inside(b.chunks_offset, b.chunks_length))
        fail(Exit::data, "{}: the header (its first 512 bytes) contradicts itself; take the file from its source again",
             file);
    return b;
}

std::string write_table(const std::vector<Entry>& entries) {
    std::string text;
    for (const Entry& e : entries) text += fmt::format("{} {} {} {}\n", to_hex(e.digest), e.offset, e.length, e.name);
    return text;
}

std::string write_chunks(const std::vector<Entry>& entries) {
    std::string bytes;
    for (const Entry& e : entries)
        for (const Digest& d : e.chunks) bytes.append(reinterpret_cast<const char*>(d.data()), d.size());
    return bytes;
}

uint64_t align(uint64_t offset) { return (offset + payload_alignment - 1) / payload_alignment * payload_alignment; }

uint64_t chunk_count(uint64_t length) { return length / chunk_size + (length % chunk_size != 0); }

std::vector<Entry> read_table(const Block& block, std::string_view table, std::string_view chunks,
                              const std::string& file) {
    const auto refuse = [&](std::string_view why) {
        fail(Exit::data, "{}: its table of payloads is wrong: {}; take the file from its source again", file, why);
    };
    std::vector<Entry> entries;
    uint64_t end = payload_begin;
    // HDF5 has no empty strings: an empty table is one NUL.
    for (Fields f(table == std::string_view("\0", 1) ? "" : table); !f.done();) {
        Entry e;
        e.digest = f.digest();
        f.expect(" ");
        e.offset = f.number();
        f.expect(" ");
        e.length = f.number();
        f.expect(" ");
        e.name = f.until('\n');
        f.expect("\n");
        if (!f.ok()) refuse("a line does not parse");
        if (e.offset != align(end)) refuse(fmt::format("{} is out of order", e.name));
        if (e.offset > block.payload_end || e.length > block.payload_end - e.offset)
            refuse(fmt::format("{} does not fit the file", e.name));
        end = e.offset + e.length;
        const uint64_t n = chunk_count(e.length);
        if (n > chunks.size() / sizeof(Digest)) refuse("digests are missing");
        e.chunks.resize(n);
        if (n) std::memcpy(e.chunks.data(), chunks.data(), n * sizeof(Digest));
        chunks.remove_prefix(n * sizeof(Digest));
        if (tree_of_chunks(e.chunks, e.length) != e.digest) refuse(fmt::format("the digests of {} disagree", e.name));
        entries.push_back(std::move(e));
    }
    if (align(end) != block.payload_end) refuse("it does not cover the payloads");
    if (chunks.find_first_not_of('\0') != chunks.npos) refuse("digests are left over");
    if (digest_of_payloads(entries) != block.payload) refuse("it is not the one that was sealed");
    return entries;
}

Digest tree_of_chunks(std::span<const Digest> chunks, uint64_t length) {
    std::string text = "ds-tree-1";
    for (int i = 0; i < 8; ++i) text += char(uint8_t(length >> (8 * i)));
    text.append(reinterpret_cast<const char*>(chunks.data()), chunks.size_bytes());
    return sha256(as_bytes(text));
}

Digest digest_of_payloads(const std::vector<Entry>& entries) {
    std::string text;
    for (const Entry& e : entries) text.append(reinterpret_cast<const char*>(e.digest.data()), e.digest.size());
    return sha256(as_bytes(text));
}

Digest digest_of_metadata(std::span<const std::byte> front, std::span<const std::byte> tail) {
    TreeHasher hasher;
    hasher.update(front);
    hasher.update(tail);
    return hasher.finish();
}

} // namespace ds::seal
