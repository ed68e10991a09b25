// Sealed files as a whole: payloads and structure together, written atomically and read verified.
// What the payloads mean is the business of io/checkpoint and io/data_file.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "io/hdf5/hdf5.h"
#include "io/seal/seal.h"
#include "io/seal/source.h"

namespace ds {

class SealedReader {
public:
    /// Verifies header and metadata, then reads the structure. With `allow_unsealed` a file without a seal is read
    /// whole into memory instead; so is one whose seal is not believed. Errors: 66, 77, 65.
    explicit SealedReader(const std::string& path, bool allow_unsealed = false, bool believe_seal = true);
    explicit SealedReader(Source source, bool allow_unsealed = false, bool believe_seal = true);
    SealedReader(SealedReader&&) noexcept = default;

    const std::string& name() const { return source_.name(); }
    const Source& source() const { return source_; }
    bool sealed() const { return sealed_; }
    const hdf5::Structure& structure() const { return structure_; }
    const hdf5::Item* find(const std::string& path) const; // nullptr when absent
    const std::vector<seal::Entry>& entries() const { return entries_; }
    const seal::Entry& entry(const hdf5::Item& array) const; // of an unsealed file's too: made at the open
    Digest file_digest() const { return digest_; }

    /// Bytes [offset, offset + out.size()) of an array, verified: each MiB against the seal when it is first touched,
    /// later reads of it against what was seen then. Error(data) naming the array. Safe from many threads.
    void read(const hdf5::Item& array, uint64_t offset, std::span<std::byte> out) const;
    /// This is one of so many open files, which together remember no more than one alone would. Before the first read.
    void share_memory(uint64_t files);
    /// Bytes of an array that will be read soon; the system may fetch them meanwhile.
    void will_need(const hdf5::Item& array, uint64_t offset, uint64_t length) const;
    struct Part {
        const hdf5::Item* array;
        std::byte* out; // nullptr: only verify
    };
    /// Whole arrays, verified, on all threads.
    void read_all(const std::vector<Part>& parts) const;
    /// That nothing but zeros lies between payloads.
    void verify_gaps() const;
    /// Every payload byte, and the gaps between payloads.
    void verify() const;

private:
    /// What was seen of one payload: fingerprints of the blocks of its verified chunks, 0 elsewhere.
    struct Seen {
        /// `files`: see share_memory.
        explicit Seen(const seal::Entry& entry, uint64_t files = 1);
        uint64_t block; // bytes that a later read verifies together, a part of a chunk
        std::vector<std::atomic<uint64_t>> prints;
    };
    void open_sealed();
    void open_unsealed();
    void match_entries();
    size_t index_of(const hdf5::Item& array) const;
    void check_chunk(size_t entry, uint64_t chunk, std::span<const std::byte> bytes) const;
    void read_first(size_t entry, uint64_t offset, std::span<std::byte> out) const;
    bool read_again(size_t entry, uint64_t offset, std::span<std::byte> out) const;

    Source source_;
    bool sealed_ = true;
    hdf5::Structure structure_;
    std::map<std::string, size_t> by_path_; // into structure_
    std::vector<seal::Entry> entries_;
    std::map<std::string, size_t> entry_of_;  // path -> into entries_
    std::vector<std::unique_ptr<Seen>> seen_; // of each entry
    Digest digest_{};
};

/// Bytes that arrive in pieces, hashed by chunks and written to a file from an offset on.
class PayloadStream {
public:
    PayloadStream(int fd, uint64_t offset, std::string file);
    void append(std::span<const std::byte> bytes);
    uint64_t length() const { return written_ + buffer_.size(); }
    /// Writes what is left. The entry has no name yet.
    seal::Entry finish();

private:
    void flush();
    int fd_;
    uint64_t offset_, written_ = 0;
    std::string file_;
    std::vector<std::byte> buffer_;
    std::vector<Digest> chunks_;
};

class SealedWriter {
public:
    /// "-" is stdout. For a pipe the file is made in memory and sent at commit; Error(usage) for a terminal.
    explicit SealedWriter(const std::string& path);
    ~SealedWriter();
    SealedWriter(const SealedWriter&) = delete;
    SealedWriter& operator=(const SealedWriter&) = delete;

    struct Part {
        std::string path; // the dataset's
        std::span<const std::byte> bytes;
    };
    /// Payloads from memory: hashed and written on all threads.
    void add(const std::vector<Part>& parts);
    /// One payload that arrives in pieces; only one at a time, nothing else in between.
    PayloadStream begin() const;
    void end(const std::string& path, PayloadStream& stream);
    /// `length` bytes of another file from `offset` on, whose digests are in `known`; copied by the kernel.
    void copy(const std::string& path, int from, uint64_t offset, const seal::Entry& known);
    void copy(const std::string& path, const SealedReader& from, const hdf5::Item& array);

    /// Payload items of `structure` are given their offsets here, by path. Returns the file's digest.
    Digest commit(hdf5::Structure structure);
    const std::string& name() const { return name_; }
    /// The payloads so far, with their digests, in the order in which they came.
    const std::vector<seal::Entry>& entries() const { return entries_; }
    /// An unlinked temporary file beside the target (or in memory for a pipe); closed by the caller.
    int make_spool() const;

private:
    uint64_t next_offset() const;
    seal::Entry new_entry(const std::string& path, uint64_t length) const;
    void write_chunk(size_t entry, uint64_t chunk, std::span<const std::byte> bytes);
    void place(hdf5::Structure& structure) const;
    void write(uint64_t offset, std::span<const std::byte> bytes) const;
    void send();

    std::string name_;
    std::unique_ptr<AtomicFile> file_;
    int fd_ = -1; // the temporary's, or of a file in memory
    bool in_memory_ = false;
    std::vector<seal::Entry> entries_;
};

} // namespace ds
