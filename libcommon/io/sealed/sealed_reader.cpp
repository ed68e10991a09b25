#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "base/error.h"
#include "base/fingerprint.h"
#include "io/sealed/chunk_loop.h"
#include "io/sealed/sealed_file.h"

namespace ds {

namespace {

constexpr uint64_t metadata_limit = uint64_t{1} << 30; // it is held in memory; a thousandth of this is much
constexpr std::string_view hdf5_signature("\x89HDF\r\n\x1a\n", 8);

std::span<std::byte> room_of(std::string& text) { return std::as_writable_bytes(std::span(text)); }
std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// HDF5 looks for its signature at 0, 512, 1024, 2048 and so on.
bool looks_like_hdf5(const Source& source) {
    std::string found(8, '\0');
    for (uint64_t at = 0; at + 8 <= source.size(); at = at ? 2 * at : 512) {
        source.read(at, room_of(found));
        if (found == hdf5_signature) return true;
    }
    return false;
}

[[noreturn]] void refuse_unsealed(const Source& source) {
    const std::string& name = source.name();
    if (source.size() == 0) fail(Exit::data, "{}: empty: not a model or data file of ds-tools", name);
    if (looks_like_hdf5(source))
        fail(Exit::data,
             "{}: not sealed, or its header is damaged; `ds-info --seal {}` checks and seals a file "
             "that another program wrote",
             name, name);
    fail(Exit::data, "{}: not a model or data file of ds-tools", name);
}

/// Small blocks, because a row that is read alone costs the whole block that it lies in; larger ones where the
/// fingerprints of a payload would take more than 64 MiB.
uint64_t block_of(uint64_t length) {
    constexpr uint64_t smallest = 512, largest = uint64_t{16} << 10, most = uint64_t{8} << 20; // bytes, bytes, blocks
    uint64_t block = smallest;
    while (block < largest && length / block > most) block *= 2;
    return block;
}

} // namespace

SealedReader::Seen::Seen(const seal::Entry& entry, uint64_t files)
    : block(block_of(entry.length * files)), prints((entry.length + block - 1) / block) {}

SealedReader::SealedReader(const std::string& path, bool allow_unsealed, bool believe_seal)
    : SealedReader(Source(path, allow_unsealed), allow_unsealed, believe_seal) {}

SealedReader::SealedReader(Source source, bool allow_unsealed, bool believe_seal) : source_(std::move(source)) {
    std::string begin(std::min<uint64_t>(source_.size(), seal::block_size), '\0');
    source_.read(0, room_of(begin));
    sealed_ = believe_seal && seal::is_sealed(begin);
    if (sealed_) open_sealed();
    else if (allow_unsealed && looks_like_hdf5(source_)) open_unsealed();
    else refuse_unsealed(source_);
    for (size_t i = 0; i < structure_.size(); ++i) by_path_[structure_[i].path] = i;
    for (size_t i = 0; i < entries_.size(); ++i) {
        entry_of_[entries_[i].name] = i;
        if (sealed_) seen_.push_back(std::make_unique<Seen>(entries_[i]));
    }
    match_entries();
}

void SealedReader::open_sealed() {
    std::string block(std::min<uint64_t>(source_.size(), seal::block_size), '\0');
    source_.read(0, room_of(block));
    const seal::Block b = seal::read_block(bytes_of(block), source_.size(), name());
    if (b.length - b.payload_end > metadata_limit)
        fail(Exit::data, "{}: refused: {} bytes of metadata, more than {}", name(), b.length - b.payload_end,
             metadata_limit);
    hdf5::Image image;
    image.payload_end = b.payload_end;
    image.front.resize(seal::payload_begin - seal::block_size);
    image.tail.resize(b.length - b.payload_end);
    source_.read(seal::block_size, room_of(image.front));
    source_.read(b.payload_end, room_of(image.tail));
    if (seal::digest_of_metadata(bytes_of(image.front), bytes_of(image.tail)) != b.metadata)
        fail(Exit::data, "{}: the metadata is damaged; take the file from its source again", name());
    const std::string_view tail(image.tail);
    entries_ = seal::read_table(b, tail.substr(b.table_offset - b.payload_end, b.table_length),
                                tail.substr(b.chunks_offset - b.payload_end, b.chunks_length), name());
    structure_ = hdf5::read_image(image, name());
    digest_ = seal::file_digest(b);
}

void SealedReader::open_unsealed() {
    structure_ = hdf5::read_unsealed(source_);
    for (const hdf5::Item& item : structure_) {
        if (item.kind != hdf5::Kind::bytes) continue;
        seal::Entry e;
        e.name = item.path;
        e.length = item.bytes.size();
        for (uint64_t at = 0; at < e.length; at += seal::chunk_size)
            e.chunks.push_back(sha256(std::span(item.bytes).subspan(at, std::min(seal::chunk_size, e.length - at))));
        e.digest = seal::tree_of_chunks(e.chunks, e.length);
        entries_.push_back(std::move(e));
    }
    digest_ = seal::digest_of_payloads(entries_);
}

// Table and structure must tell the same story.
void SealedReader::match_entries() {
    if (!sealed_) return;
    size_t arrays = 0;
    for (const hdf5::Item& item : structure_) {
        if (item.kind != hdf5::Kind::payload) continue;
        ++arrays;
        const auto found = entry_of_.find(item.path);
        const uint64_t length = uint64_t(bytes(item.dtype, item.shape));
        if (found == entry_of_.end() || entries_[found->second].length != length ||
            (length > 0 && entries_[found->second].offset != item.offset))
            fail(Exit::data, "{}: {}: refused: its place differs from the sealed table's", name(), item.path);
    }
    if (arrays != entries_.size())
        fail(Exit::data, "{}: refused: the sealed table names arrays that are missing", name());
}

const hdf5::Item* SealedReader::find(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : &structure_[found->second];
}

size_t SealedReader::index_of(const hdf5::Item& array) const {
    const auto found = entry_of_.find(array.path);
    if (found == entry_of_.end()) bug("{} is not an array", array.path);
    return found->second;
}

const seal::Entry& SealedReader::entry(const hdf5::Item& array) const { return entries_[index_of(array)]; }

void SealedReader::check_chunk(size_t entry, uint64_t chunk, std::span<const std::byte> bytes) const {
    const seal::Entry& e = entries_[entry];
    const uint64_t begin = chunk * seal::chunk_size;
    if (sha256(bytes) != e.chunks[chunk])
        fail(Exit::data, "{}: {} is damaged (bytes {} to {} of it); take the file from its source again", name(),
             e.name, begin, begin + bytes.size());
}

/// A part of a chunk: the whole chunk is read and verified, and its blocks are noted.
void SealedReader::read_first(size_t entry, uint64_t offset, std::span<std::byte> out) const {
    const seal::Entry& e = entries_[entry];
    const uint64_t chunk = offset / seal::chunk_size, begin = chunk * seal::chunk_size;
    static thread_local std::vector<std::byte> room;
    room.resize(std::min(seal::chunk_size, e.length - begin));
    source_.read(e.offset + begin, room);
    check_chunk(entry, chunk, room);
    Seen& seen = *seen_[entry];
    for (uint64_t at = 0; at < room.size(); at += seen.block) {
        const auto block = std::span(room).subspan(at, std::min(seen.block, room.size() - at));
        seen.prints[(begin + at) / seen.block].store(fingerprint(block), std::memory_order_relaxed);
    }
    std::memcpy(out.data(), room.data() + (offset - begin), out.size());
}

/// The same where all blocks were seen before: only they are read. False when one was not, or is another now.
bool SealedReader::read_again(size_t entry, uint64_t offset, std::span<std::byte> out) const {
    const seal::Entry& e = entries_[entry];
    const Seen& seen = *seen_[entry];
    const uint64_t size = seen.block, begin = offset / size * size, inside = offset - begin;
    if (seen.prints[begin / size].load(std::memory_order_relaxed) == 0) return false; // chunks are noted whole
    const uint64_t end = std::min(e.length, (offset + out.size() + size - 1) / size * size);
    static thread_local std::vector<std::byte> room;
    room.resize(end - begin);
    source_.read(e.offset + begin, room);
    for (uint64_t at = 0; at < room.size(); at += size) {
        const auto block = std::span(room).subspan(at, std::min(size, room.size() - at));
        if (fingerprint(block) != seen.prints[(begin + at) / size].load(std::memory_order_relaxed)) return false;
    }
    std::memcpy(out.data(), room.data() + inside, out.size());
    return true;
}

void SealedReader::read(const hdf5::Item& array, uint64_t offset, std::span<std::byte> out) const {
    const size_t index = index_of(array);
    const seal::Entry& e = entries_[index];
    if (offset > e.length || out.size() > e.length - offset) bug("a read beyond the end of {}", array.path);
    if (!sealed_) {
        if (!out.empty()) std::memcpy(out.data(), array.bytes.data() + offset, out.size());
        return;
    }
    while (!out.empty()) { // a chunk at a time
        const size_t n = size_t(std::min<uint64_t>(out.size(), seal::chunk_size - offset % seal::chunk_size));
        if (!read_again(index, offset, out.first(n))) read_first(index, offset, out.first(n));
        out = out.subspan(n);
        offset += n;
    }
}

void SealedReader::share_memory(uint64_t files) {
    for (size_t i = 0; i < seen_.size(); ++i) seen_[i] = std::make_unique<Seen>(entries_[i], files);
}

void SealedReader::will_need(const hdf5::Item& array, uint64_t offset, uint64_t length) const {
    if (!sealed_ || source_.fd() < 0) return;
    const uint64_t begin = offset / seal::chunk_size * seal::chunk_size, end = offset + length; // chunks are read whole
    ::posix_fadvise(source_.fd(), off_t(entry(array).offset + begin), off_t(end - begin), POSIX_FADV_WILLNEED);
}

constexpr uint64_t chunks_in_turn = 2; // a large page, so that no two threads ask for the same one

/// Makes the system give the memory now, so that no reader waits for it while the others wait for their turn.
void touch(std::span<std::byte> bytes) {
    constexpr size_t page = 4096;
    for (size_t at = 0; at < bytes.size(); at += page) *static_cast<volatile std::byte*>(&bytes[at]) = std::byte{};
}

void SealedReader::read_all(const std::vector<Part>& parts) const {
    struct Task {
        size_t entry;
        uint64_t chunk; // the first
        std::byte* out;
    };
    std::vector<Task> tasks;
    for (const Part& part : parts) {
        const size_t index = index_of(*part.array);
        const seal::Entry& e = entries_[index];
        if (!sealed_) {
            if (part.out && e.length > 0) std::memcpy(part.out, part.array->bytes.data(), e.length);
            continue;
        }
        for (uint64_t c = 0; c < e.chunks.size(); c += chunks_in_turn)
            tasks.push_back({index, c, part.out ? part.out + c * seal::chunk_size : nullptr});
    }
    std::stable_sort(tasks.begin(), tasks.end(),
                     [&](const Task& a, const Task& b) { return entries_[a.entry].offset < entries_[b.entry].offset; });
    // One thread reads at a time, in the file's order, so that the kernel reads ahead while the others hash.
    std::mutex reading;
    for_each_chunk(tasks.size(), [&](size_t i) {
        const Task& task = tasks[i];
        const seal::Entry& e = entries_[task.entry];
        const uint64_t begin = task.chunk * seal::chunk_size;
        const size_t length = size_t(std::min(chunks_in_turn * seal::chunk_size, e.length - begin));
        static thread_local std::vector<std::byte> room;
        if (task.out) touch({task.out, length});
        else room.resize(chunks_in_turn * seal::chunk_size);
        const auto bytes = std::span(task.out ? task.out : room.data(), length);
        {
            const std::lock_guard turn(reading);
            source_.read(e.offset + begin, bytes);
        }
        for (uint64_t at = 0; at < length; at += seal::chunk_size)
            check_chunk(task.entry, task.chunk + at / seal::chunk_size,
                        bytes.subspan(at, std::min(seal::chunk_size, length - at)));
    });
}

void SealedReader::verify() const {
    verify_gaps();
    std::vector<Part> all;
    for (const seal::Entry& e : entries_) all.push_back({find(e.name), nullptr});
    read_all(all);
}

// Between payloads lie zeros.
void SealedReader::verify_gaps() const {
    if (!sealed_) return;
    uint64_t end = seal::payload_begin;
    for (const seal::Entry& e : entries_) {
        std::string gap(e.offset - end, '\0');
        source_.read(end, room_of(gap));
        if (gap.find_first_not_of('\0') != gap.npos)
            fail(Exit::data, "{}: damaged between the arrays, before {}; take the file from its source again", name(),
                 e.name);
        end = e.offset + e.length;
    }
    std::string gap((seal::payload_alignment - end % seal::payload_alignment) % seal::payload_alignment, '\0');
    source_.read(end, room_of(gap));
    if (gap.find_first_not_of('\0') != gap.npos)
        fail(Exit::data, "{}: damaged behind the last array; take the file from its source again", name());
}

} // namespace ds
