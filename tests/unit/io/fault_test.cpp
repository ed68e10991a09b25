// Real faults while files are written: full disks, limits, folders that are read-only or vanish, kill -9. The file
// that was there is always whole, old or new; one error line; no temporary left.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parallel.h"
#include "io/data_file/data_file.h"
#include "tests/unit/io/fixture.h"

namespace ds::test {

namespace {

size_t files_in(const std::filesystem::path& folder) {
    size_t n = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++n;
    return n;
}

Checkpoint filled(int64_t floats) {
    Checkpoint c = small_checkpoint();
    c.parameters.push_back(record("big", ramp({floats})));
    return c;
}

void save_columns(const std::string& path, int64_t rows) {
    DataFileWriter writer(path);
    ColumnInfo info;
    info.dtype = DType::f32;
    for (const char* column : {"a", "b"}) {
        info.name = column;
        const int c = writer.add_column(info);
        const std::vector<float> values(size_t(rows), 1.0f);
        writer.append(c, std::as_bytes(std::span(values)));
    }
    writer.commit();
}

// Runs `save`; either it succeeds, or it fails with 73 or 74 and leaves the folder as it was.
bool save_or_leave_alone(const std::filesystem::path& folder, const std::function<void()>& save) {
    const size_t before = files_in(folder);
    try {
        save();
        return true;
    } catch (const Error& error) {
        EXPECT_TRUE(error.code() == Exit::io || error.code() == Exit::cannot_create) << error.what();
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
    EXPECT_EQ(files_in(folder), before) << "a temporary was left";
    return false;
}

// A tmpfs of a given size, as long as it lives.
class SmallDisk {
public:
    SmallDisk(std::string path, size_t bytes) : path_(std::move(path)) {
        std::filesystem::create_directories(path_);
        mounted_ = mount("none", path_.c_str(), "tmpfs", 0, ("size=" + std::to_string(bytes)).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) umount2(path_.c_str(), MNT_DETACH);
    }
    bool mounted() const { return mounted_; }

private:
    std::string path_;
    bool mounted_;
};

// No file beyond `bytes`, as ulimit -f does it, with SIGXFSZ ignored as the tools have it.
class FileLimit {
public:
    explicit FileLimit(size_t bytes) : old_signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &old_);
        const rlimit limit{bytes, old_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileLimit() {
        setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_signal_);
    }

private:
    rlimit old_{};
    void (*old_signal_)(int);
};

} // namespace

TEST(Fault, AFullDiskAtFiftySizes) {
    const Folder folder;
    const Checkpoint big = filled(100000); // 400 kB
    int saved = 0, refused = 0;
    for (size_t step = 1; step <= 50; ++step) {
        const SmallDisk disk(folder / "disk", step * 4096 * 4);
        if (!disk.mounted()) GTEST_SKIP() << "no right to mount a tmpfs";
        const std::string path = folder / "disk/m.h5";
        std::string old;
        if (step > 1) {
            save_checkpoint(small_checkpoint(), path);
            old = slurp(path);
        }
        const bool ok = save_or_leave_alone(folder / "disk", [&] { save_checkpoint(big, path); });
        ++(ok ? saved : refused);
        if (ok) {
            EXPECT_TRUE(same(load_checkpoint(path).parameter("big")->tensor, big.parameters.back().tensor));
        } else if (step > 1) {
            EXPECT_EQ(slurp(path), old);
        }
    }
    EXPECT_GT(saved, 5);
    EXPECT_GT(refused, 5);
}

TEST(Fault, AFullDiskUnderADataFile) {
    const Folder folder;
    int saved = 0, refused = 0;
    for (size_t step = 1; step <= 50; ++step) {
        const SmallDisk disk(folder / "disk", step * 4096 * 8);
        if (!disk.mounted()) GTEST_SKIP() << "no right to mount a tmpfs";
        const std::string path = folder / "disk/d.h5";
        const bool ok = save_or_leave_alone(folder / "disk", [&] { save_columns(path, 100000); });
        ++(ok ? saved : refused);
        if (ok) DataFileReader(path).verify();
    }
    EXPECT_GT(saved, 5);
    EXPECT_GT(refused, 5);
}

TEST(Fault, AFileSizeLimit) {
    const Folder folder;
    const std::string path = folder / "m.h5";
    save_checkpoint(small_checkpoint(), path);
    const std::string old = slurp(path);
    for (const size_t limit : {0, 100, 5000, 100000, 400000}) {
        bool ok;
        {
            const FileLimit fence(limit);
            ok = save_or_leave_alone(folder.path(), [&] { save_checkpoint(filled(100000), path); });
        }
        EXPECT_FALSE(ok) << limit;
        EXPECT_EQ(slurp(path), old) << limit;
    }
}

TEST(Fault, AFolderThatIsReadOnly) {
    const Folder folder;
    std::filesystem::create_directory(folder / "closed");
    chmod(folder.path().c_str(), 0755);
    chmod((folder / "closed").c_str(), 0555);
    const bool was_root = geteuid() == 0;
    if (was_root && seteuid(65534) != 0) GTEST_SKIP() << "cannot drop privileges";
    int code = 0;
    try {
        save_checkpoint(small_checkpoint(), folder / "closed/m.h5");
    } catch (const Error& error) {
        code = int(error.code());
    }
    if (was_root) {
        EXPECT_EQ(seteuid(0), 0);
    }
    EXPECT_TRUE(code == int(Exit::cannot_create) || code == int(Exit::permission)) << code;
}

TEST(Fault, AFileThatMayNotBeRead) {
    const Folder folder;
    save_checkpoint(small_checkpoint(), folder / "m.h5");
    chmod((folder / "m.h5").c_str(), 0);
    chmod(folder.path().c_str(), 0755);
    const bool was_root = geteuid() == 0;
    if (was_root && seteuid(65534) != 0) GTEST_SKIP() << "cannot drop privileges";
    const std::string message = error_of(Exit::permission, [&] { load_checkpoint(folder / "m.h5"); });
    if (was_root) {
        EXPECT_EQ(seteuid(0), 0);
    }
    EXPECT_NE(message.find("permission"), std::string::npos) << message;
}

TEST(Fault, AFolderThatIsMissingOrVanishes) {
    const Folder folder;
    error_of(Exit::cannot_create, [&] { save_checkpoint(small_checkpoint(), folder / "no/m.h5"); });
    std::filesystem::create_directory(folder / "gone");
    DataFileWriter writer(folder / "gone/d.h5");
    std::filesystem::remove_all(folder / "gone");
    try {
        writer.commit();
        ADD_FAILURE() << "a file in a folder that is gone";
    } catch (const Error& error) {
        EXPECT_TRUE(error.code() == Exit::io || error.code() == Exit::cannot_create) << error.what();
    }
}

TEST(Fault, KilledInTheMiddleOfAWrite) {
    const Folder folder;
    const std::string path = folder / "m.h5";
    const Checkpoint first = filled(500000), second = filled(600000);
    const auto start = std::chrono::steady_clock::now();
    save_checkpoint(first, path);
    const auto once =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
    int found_second = 0;
    const int times = std::getenv("DS_NIGHTLY") ? 200 : 20;
    for (int i = 0; i < times; ++i) {
        const pid_t child = fork();
        if (child == 0) {
            set_threads(1); // OpenMP's threads do not live on in a child
            for (;;) {
                save_checkpoint(second, path);
                save_checkpoint(first, path);
            }
        }
        usleep(useconds_t(1000 + once * (i * 37 % 100) / 20)); // up to five times what a write takes
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        const Digest found = model_digest(load_checkpoint(path));
        ASSERT_TRUE(found == model_digest(first) || found == model_digest(second));
        found_second += found == model_digest(second);
    }
    EXPECT_GT(found_second, 0) << "no write was ever finished";
    save_checkpoint(first, path); // sweeps what the killed left
    EXPECT_EQ(files_in(folder.path()), 1u);
}

} // namespace ds::test
