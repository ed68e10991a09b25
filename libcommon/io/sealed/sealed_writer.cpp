#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "io/sealed/chunk_loop.h"
#include "io/sealed/sealed_file.h"

namespace ds {

namespace {

[[noreturn]] void write_failed(const std::string& file, int error) {
    fail(Exit::io, "{}: writing failed: {}; nothing was changed", file, std::strerror(error));
}

void write_fully(int fd, uint64_t offset, std::span<const std::byte> bytes, const std::string& file) {
    while (!bytes.empty()) {
        const ssize_t n = pwrite(fd, bytes.data(), bytes.size(), off_t(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) write_failed(file, errno);
        bytes = bytes.subspan(size_t(n));
        offset += uint64_t(n);
    }
}

// Asks for the space now, so that a full disk is met before work is done. Not every file system can.
void reserve(int fd, uint64_t offset, uint64_t length, const std::string& file) {
    if (length == 0) return;
    int result;
    while ((result = fallocate(fd, 0, off_t(offset), off_t(length))) != 0 && errno == EINTR) {}
    if (result != 0 && errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) write_failed(file, errno);
}

int memory_file(const std::string& file) {
    const int fd = memfd_create("ds-file", MFD_CLOEXEC);
    if (fd < 0) fail(Exit::io, "{}: no memory file: {}", file, std::strerror(errno));
    return fd;
}

} // namespace

PayloadStream::PayloadStream(int fd, uint64_t offset, std::string file)
    : fd_(fd), offset_(offset), file_(std::move(file)) {}

void PayloadStream::append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const size_t n = std::min<size_t>(bytes.size(), seal::chunk_size - buffer_.size());
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + std::ptrdiff_t(n));
        bytes = bytes.subspan(n);
        if (buffer_.size() == seal::chunk_size) flush();
    }
}

void PayloadStream::flush() {
    chunks_.push_back(sha256(buffer_));
    write_fully(fd_, offset_ + written_, buffer_, file_);
    written_ += buffer_.size();
    buffer_.clear();
}

seal::Entry PayloadStream::finish() {
    if (!buffer_.empty()) flush();
    seal::Entry e;
    e.offset = offset_;
    e.length = written_;
    e.digest = seal::tree_of_chunks(chunks_, written_);
    e.chunks = std::move(chunks_);
    return e;
}

SealedWriter::SealedWriter(const std::string& path)
    : name_(path == "-" ? "stdout" : path), file_(std::make_unique<AtomicFile>(path)), fd_(file_->fd()) {
    if (!file_->temporary().empty()) return;
    if (isatty(fd_)) fail(Exit::usage, "{} is a terminal; name a file with -o, or pipe into a command", name_);
    fd_ = memory_file(name_); // a pipe takes bytes in order only
    in_memory_ = true;
}

SealedWriter::~SealedWriter() {
    if (in_memory_) close(fd_);
}

void SealedWriter::write(uint64_t offset, std::span<const std::byte> bytes) const {
    write_fully(fd_, offset, bytes, name_);
}

uint64_t SealedWriter::next_offset() const {
    return entries_.empty() ? seal::payload_begin : seal::align(entries_.back().offset + entries_.back().length);
}

seal::Entry SealedWriter::new_entry(const std::string& path, uint64_t length) const {
    seal::Entry e;
    e.name = path;
    e.offset = next_offset();
    e.length = length;
    e.chunks.resize(seal::chunk_count(length));
    return e;
}

void SealedWriter::add(const std::vector<Part>& parts) {
    struct Task {
        size_t entry;
        uint64_t chunk;
        std::span<const std::byte> bytes;
    };
    std::vector<Task> tasks;
    const size_t first = entries_.size();
    const uint64_t begin = next_offset();
    for (const Part& part : parts) {
        entries_.push_back(new_entry(part.path, part.bytes.size()));
        for (uint64_t c = 0, at = 0; at < part.bytes.size(); ++c, at += seal::chunk_size)
            tasks.push_back(
                {entries_.size() - 1, c, part.bytes.subspan(at, std::min(seal::chunk_size, part.bytes.size() - at))});
    }
    reserve(fd_, begin, next_offset() - begin, name_);
    for_each_chunk(tasks.size(), [&](size_t i) { write_chunk(tasks[i].entry, tasks[i].chunk, tasks[i].bytes); });
    for (size_t i = first; i < entries_.size(); ++i)
        entries_[i].digest = seal::tree_of_chunks(entries_[i].chunks, entries_[i].length);
}

// The disk begins while the chunk is hashed.
void SealedWriter::write_chunk(size_t entry, uint64_t chunk, std::span<const std::byte> bytes) {
    const uint64_t at = entries_[entry].offset + chunk * seal::chunk_size;
    write(at, bytes);
    if (bytes.size() == seal::chunk_size) sync_file_range(fd_, off_t(at), off_t(bytes.size()), SYNC_FILE_RANGE_WRITE);
    entries_[entry].chunks[chunk] = sha256(bytes);
}

PayloadStream SealedWriter::begin() const { return PayloadStream(fd_, next_offset(), name_); }

void SealedWriter::end(const std::string& path, PayloadStream& stream) {
    entries_.push_back(stream.finish());
    entries_.back().name = path;
}

void SealedWriter::copy(const std::string& path, int from, uint64_t offset, const seal::Entry& known) {
    seal::Entry e = known;
    e.name = path;
    e.offset = next_offset();
    reserve(fd_, e.offset, e.length, name_);
    off_t in = off_t(offset), out = off_t(e.offset);
    uint64_t left = e.length;
    while (left > 0) {
        const ssize_t n = copy_file_range(from, &in, fd_, &out, left, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break; // another file system or kernel: by hand
        left -= uint64_t(n);
    }
    std::vector<std::byte> room(std::min<uint64_t>(left, seal::chunk_size));
    while (left > 0) {
        const ssize_t n = pread(from, room.data(), std::min<uint64_t>(room.size(), left), in);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            fail(Exit::io, "{}: its source cannot be read again: {}", name_,
                 n < 0 ? std::strerror(errno) : "cut short");
        write(uint64_t(out), std::span(room).first(size_t(n)));
        in += n;
        out += n;
        left -= uint64_t(n);
    }
    entries_.push_back(std::move(e));
}

void SealedWriter::copy(const std::string& path, const SealedReader& from, const hdf5::Item& array) {
    const seal::Entry& known = from.entry(array);
    if (from.sealed() && from.source().fd() >= 0) return copy(path, from.source().fd(), known.offset, known);
    PayloadStream stream = begin();
    std::vector<std::byte> room(seal::chunk_size);
    for (uint64_t at = 0; at < known.length; at += room.size()) {
        const auto part = std::span(room).first(std::min<uint64_t>(room.size(), known.length - at));
        from.read(array, at, part);
        stream.append(part);
    }
    end(path, stream);
}

int SealedWriter::make_spool() const {
    if (in_memory_) return memory_file(name_);
    const std::string& sibling = file_->temporary();
    const size_t slash = sibling.rfind('/');
    const std::string folder = slash == sibling.npos ? "." : sibling.substr(0, slash + 1);
    int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) { // a file system without nameless files
        std::string pattern = sibling + ".XXXXXX";
        fd = mkostemp(pattern.data(), O_CLOEXEC);
        if (fd >= 0) unlink(pattern.c_str());
    }
    if (fd < 0) fail(Exit::cannot_create, "{}: no temporary file beside it: {}", name_, std::strerror(errno));
    return fd;
}

void SealedWriter::place(hdf5::Structure& structure) const {
    std::map<std::string_view, const seal::Entry*> by_name;
    for (const seal::Entry& e : entries_) by_name[e.name] = &e;
    for (hdf5::Item& item : structure) {
        if (item.kind != hdf5::Kind::payload) continue;
        const auto found = by_name.find(item.path);
        if (found == by_name.end() || found->second->length != uint64_t(bytes(item.dtype, item.shape)))
            bug("{} has no payload of its size", item.path);
        item.offset = found->second->offset;
    }
}

Digest SealedWriter::commit(hdf5::Structure structure) {
    place(structure);
    hdf5::Item table, chunks;
    table.kind = hdf5::Kind::text;
    table.path = "/seal/table";
    table.texts = {seal::write_table(entries_)};
    const std::string digests = seal::write_chunks(entries_);
    chunks.kind = hdf5::Kind::bytes;
    chunks.path = "/seal/chunks";
    chunks.shape = {int64_t(digests.size() / sizeof(Digest)), int64_t(sizeof(Digest))};
    chunks.bytes.resize(digests.size());
    if (!digests.empty()) std::memcpy(chunks.bytes.data(), digests.data(), digests.size());
    structure.push_back(std::move(table));
    structure.push_back(std::move(chunks));

    const hdf5::Image image = hdf5::build(structure, next_offset());
    seal::Block b;
    b.payload_end = image.payload_end;
    b.length = image.payload_end + image.tail.size();
    b.table_offset = image.places.at("/seal/table").offset;
    b.table_length = image.places.at("/seal/table").length;
    b.chunks_offset = image.places.at("/seal/chunks").offset;
    b.chunks_length = image.places.at("/seal/chunks").length;
    b.metadata = seal::digest_of_metadata(std::as_bytes(std::span(image.front)), std::as_bytes(std::span(image.tail)));
    b.payload = seal::digest_of_payloads(entries_);
    const std::string block = seal::write_block(b);
    write(0, std::as_bytes(std::span(block)));
    write(seal::block_size, std::as_bytes(std::span(image.front)));
    write(image.payload_end, std::as_bytes(std::span(image.tail)));
    if (in_memory_) send();
    file_->commit();
    return seal::file_digest(b);
}

void SealedWriter::send() {
    std::vector<std::byte> room(seal::chunk_size);
    for (off_t at = 0;;) {
        const ssize_t n = pread(fd_, room.data(), room.size(), at);
        if (n < 0) write_failed(name_, errno);
        if (n == 0) return;
        file_->write(std::span(room).first(size_t(n)));
        at += n;
    }
}

} // namespace ds
