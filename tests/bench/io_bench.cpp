// How fast checkpoints are written and read, beside plain file access of the same bytes in the same run:
//     io_bench [MiB] [ROUNDS] [FOLDER]
// write: save_checkpoint against write() and fsync(). load: load_checkpoint, everything verified, against read() into
// one small buffer, both with the page cache of the file dropped; into memory: the same against read() into memory that
// is new to the process, as a model's is. summary: names, shapes and digests, metadata verified, payload not read.
// Prints medians over the rounds, and the median of the ratios of each round.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/parallel.h"
#include "io/checkpoint/checkpoint.h"

namespace {

double seconds(const std::function<void()>& body) {
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// A model of `mib` MiB in 64 tensors of unequal sizes.
ds::Checkpoint make_checkpoint(int64_t mib) {
    ds::Checkpoint c;
    c.graph_text = "graph bench";
    const int64_t floats = mib << 18, share = floats / 64;
    for (int i = 0; i < 64; ++i) {
        ds::TensorRecord r;
        r.name = fmt::format("layer{}/weight", i);
        r.tensor = ds::Tensor(ds::DType::f32, {share + (i % 2 ? 1000 : -1000)});
        for (int64_t k = 0; k < r.tensor.size(); ++k)
            r.tensor.as<uint32_t>()[k] = uint32_t(k * 2654435761u + uint32_t(i));
        c.parameters.push_back(std::move(r));
    }
    return c;
}

void plain_write(const ds::Checkpoint& c, const std::string& path) {
    const int fd = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    for (const auto& r : c.parameters)
        for (size_t at = 0; at < r.tensor.byte_size();)
            at += size_t(std::max<ssize_t>(
                0, write(fd, r.tensor.data() + at, std::min<size_t>(1 << 20, r.tensor.byte_size() - at))));
    fsync(fd);
    close(fd);
}

void plain_read(const std::string& path) {
    std::vector<char> room(1 << 20);
    const int fd = open(path.c_str(), O_RDONLY);
    while (read(fd, room.data(), room.size()) > 0) {}
    close(fd);
}

void read_into_memory(const std::string& path) {
    const ds::Tensor room(ds::DType::u8, {int64_t(std::filesystem::file_size(path))});
    const int fd = open(path.c_str(), O_RDONLY);
    for (size_t at = 0; at < room.byte_size();) {
        const ssize_t got = read(fd, room.data() + at, std::min<size_t>(1 << 20, room.byte_size() - at));
        if (got <= 0) break;
        at += size_t(got);
    }
    close(fd);
}

void drop_from_cache(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

struct Row {
    std::vector<double> plain, ours, ratio;
    void add(double plain_time, double our_time) {
        plain.push_back(plain_time);
        ours.push_back(our_time);
        ratio.push_back(plain_time / our_time);
    }
    void print(const char* what, double mib) const {
        std::printf("%-12s %10.0f %10.0f %8.2f\n", what, mib / median(plain), mib / median(ours), median(ratio));
    }
};

void run(int64_t mib, int rounds, const std::string& folder) {
    const ds::Checkpoint c = make_checkpoint(mib);
    const std::string plain = folder + "/io_bench.plain", sealed = folder + "/io_bench.h5";
    Row write, load, into_memory;
    std::vector<double> summary;
    for (int i = 0; i < rounds; ++i) {
        std::filesystem::remove(plain);
        std::filesystem::remove(sealed);
        const double plain_time = seconds([&] { plain_write(c, plain); });
        write.add(plain_time, seconds([&] { ds::save_checkpoint(c, sealed); }));
        for (const std::string& path : {plain, sealed}) drop_from_cache(path);
        const double read_time = seconds([&] { plain_read(plain); });
        const double load_time = seconds([&] { ds::load_checkpoint(sealed); });
        drop_from_cache(plain);
        load.add(read_time, load_time);
        into_memory.add(seconds([&] { read_into_memory(plain); }), load_time);
        summary.push_back(seconds([&] { ds::load_checkpoint(sealed, {false, ds::Verify::metadata, false}); }));
    }
    std::printf("%lld MiB, %d threads, %d rounds in %s\n", static_cast<long long>(mib), ds::threads(), rounds,
                folder.c_str());
    std::printf("%-12s %10s %10s %8s\n", "", "plain MiB/s", "ours MiB/s", "ratio");
    write.print("write", double(mib));
    load.print("load", double(mib));
    into_memory.print("into memory", double(mib));
    std::printf("summary      %.1f ms\n", median(summary) * 1e3);
    std::filesystem::remove(plain);
    std::filesystem::remove(sealed);
}

} // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? std::atoll(argv[1]) : 500, argc > 2 ? std::atoi(argv[2]) : 5, argc > 3 ? argv[3] : ".");
        return 0;
    } catch (const ds::Error& error) {
        std::fprintf(stderr, "io_bench: error: %s\n", error.what());
        return int(error.code());
    }
}
