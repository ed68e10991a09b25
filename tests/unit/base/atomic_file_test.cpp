// Outputs are whole or absent: modes, links, special files, leftovers and failures.
#include "base/atomic_file.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/error.h"
#include "base/temporaries.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class Action>
Exit code_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return Exit::ok;
}

class AtomicFileTest : public testing::Test {
protected:
    AtomicFileTest() {
        std::string name = (fs::temp_directory_path() / "ds-atomic-XXXXXX").string();
        folder = mkdtemp(name.data());
    }
    ~AtomicFileTest() override { fs::remove_all(folder); }
    std::string at(const std::string& name) const { return (folder / name).string(); }
    int entries() const { return int(std::distance(fs::directory_iterator(folder), fs::directory_iterator{})); }
    mode_t mode(const std::string& name) const {
        struct stat status {};
        stat(at(name).c_str(), &status);
        return status.st_mode & 07777;
    }

    fs::path folder;
};

TEST_F(AtomicFileTest, NothingIsSeenBeforeCommit) {
    write_file(at("a"), "old");
    AtomicFile file(at("a"));
    file.write(std::as_bytes(std::span("new", 3)));
    EXPECT_EQ(content(at("a")), "old");
    EXPECT_TRUE(fs::exists(file.temporary()));
    file.commit();
    EXPECT_EQ(content(at("a")), "new");
    EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFileTest, WithoutCommitNothingIsLeft) {
    { AtomicFile file(at("a")); }
    EXPECT_EQ(entries(), 0);
}

TEST_F(AtomicFileTest, NewFilesFollowTheUmaskAndOldOnesKeepTheirMode) {
    const mode_t before = umask(027);
    write_file(at("new"), "x");
    write_file(at("old"), "x");
    chmod(at("old").c_str(), 0604);
    write_file(at("old"), "y");
    umask(before);
    EXPECT_EQ(mode("new"), 0640u);
    EXPECT_EQ(mode("old"), 0604u);
}

TEST_F(AtomicFileTest, WritesThroughLinksAndKeepsThem) {
    fs::create_directory(folder / "real");
    fs::create_symlink("real/file", folder / "link");
    write_file(at("link"), "made"); // the target is not there yet
    EXPECT_EQ(content(at("real/file")), "made");
    write_file(at("link"), "again");
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(content(at("real/file")), "again");
    fs::create_symlink("circle", folder / "circle");
    EXPECT_EQ(code_of([&] { write_file(at("circle"), "x"); }), Exit::cannot_create);
}

TEST_F(AtomicFileTest, WritesSpecialFilesDirectly) {
    write_file("/dev/null", "x");
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
    ASSERT_EQ(mkfifo(at("fifo").c_str(), 0600), 0);
    std::string read;
    std::thread reader([&] { read = read_file(at("fifo")); });
    write_file(at("fifo"), "through");
    reader.join();
    EXPECT_EQ(read, "through");
    EXPECT_TRUE(fs::is_fifo(folder / "fifo"));
}

TEST_F(AtomicFileTest, DescriptorNamesAppendWhereTheDescriptorStands) {
    const int fd = open(at("log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ASSERT_EQ(write(fd, "first ", 6), 6);
    write_file("/dev/fd/" + std::to_string(fd), "second");
    fs::create_symlink("/dev/fd/" + std::to_string(fd), folder / "link");
    write_file(at("link"), " third");
    close(fd);
    EXPECT_EQ(content(at("log")), "first second third");
}

TEST_F(AtomicFileTest, SweepsLeftoversOfTheDeadOnly) {
    const pid_t child = fork();
    if (child == 0) { // killed in the middle of a write
        AtomicFile file(at("a"));
        raise(SIGKILL);
    }
    waitpid(child, nullptr, 0);
    EXPECT_EQ(entries(), 1);
    AtomicFile live(at("a")); // sweeps
    EXPECT_EQ(entries(), 1);
    AtomicFile second(at("a"));
    struct stat status {};
    fstat(live.fd(), &status);
    EXPECT_EQ(status.st_nlink, 1u) << "a living writer's file was swept";
    std::ofstream(folder / ".b.ds-tmp-999999999-0000"); // another target's: not ours to remove
    second.commit();
    EXPECT_TRUE(fs::exists(folder / ".b.ds-tmp-999999999-0000"));
}

TEST_F(AtomicFileTest, SignalHandlersCanRemoveTemporaries) {
    AtomicFile file(at("a"));
    EXPECT_TRUE(fs::exists(file.temporary()));
    const pid_t child = fork();
    if (child == 0) { // a child's handler must leave the parent's files alone
        unlink_temporaries();
        _exit(0);
    }
    waitpid(child, nullptr, 0);
    EXPECT_TRUE(fs::exists(file.temporary()));
    unlink_temporaries();
    EXPECT_FALSE(fs::exists(file.temporary()));
    EXPECT_EQ(code_of([&] { file.commit(); }), Exit::io);
}

TEST_F(AtomicFileTest, CommittedFilesAreNotRemovedBySignals) {
    write_file(at("a"), "x");
    unlink_temporaries();
    EXPECT_EQ(content(at("a")), "x");
}

TEST_F(AtomicFileTest, LongNamesFit) {
    const std::string name(255, 'n');
    write_file(at(name), "x");
    EXPECT_EQ(content(at(name)), "x");
    EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFileTest, NamesWhatCannotBeCreated) {
    EXPECT_EQ(code_of([&] { write_file(at("no/such/folder"), "x"); }), Exit::cannot_create);
    EXPECT_EQ(code_of([&] { write_file(folder.string(), "x"); }), Exit::cannot_create);
    EXPECT_EQ(code_of([&] { write_file(at("new/"), "x"); }), Exit::cannot_create);
    EXPECT_EQ(code_of([&] { write_file("", "x"); }), Exit::cannot_create);
    for (const char* number : {"/dev/fd/xyz", "/dev/fd/1x", "/dev/fd/", "/dev/fd/99999999999"})
        EXPECT_EQ(code_of([&] { write_file(number, "x"); }), Exit::cannot_create) << number;
    write_file(at("file"), "x");
    EXPECT_EQ(code_of([&] { write_file(at("file/below"), "x"); }), Exit::cannot_create);
}

TEST_F(AtomicFileTest, AVanishedFolderIsAnIoError) {
    fs::create_directory(folder / "gone");
    AtomicFile file(at("gone/a"));
    fs::remove_all(folder / "gone");
    EXPECT_EQ(code_of([&] { file.commit(); }), Exit::io);
}

TEST_F(AtomicFileTest, AFileSizeLimitLeavesTheOldFile) {
    write_file(at("a"), "old");
    const pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000};
        setrlimit(RLIMIT_FSIZE, &limit);
        _exit(int(code_of([&] { write_file(at("a"), std::string(5000, 'x')); })));
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), int(Exit::io));
    EXPECT_EQ(content(at("a")), "old");
    EXPECT_EQ(entries(), 1);
}

TEST_F(AtomicFileTest, PermissionsAreRespected) {
    write_file(at("kept"), "x");
    write_file(at("secret"), "x");
    fs::create_directory(folder / "locked");
    chmod(at("kept").c_str(), 0444);
    chmod(at("secret").c_str(), 0);
    chmod(at("locked").c_str(), 0555);
    chmod(folder.c_str(), 0777);
    const bool root = geteuid() == 0; // may do everything: become somebody else
    if (root && seteuid(65534) != 0) GTEST_SKIP() << "cannot drop privileges";
    const Exit replaced = code_of([&] { write_file(at("kept"), "y"); });
    const Exit read = code_of([&] { read_file(at("secret")); });
    const Exit made = code_of([&] { write_file(at("locked/new"), "y"); });
    ASSERT_EQ(root ? seteuid(0) : 0, 0);
    EXPECT_EQ(replaced, Exit::permission);
    EXPECT_EQ(read, Exit::permission);
    EXPECT_EQ(made, Exit::cannot_create);
}

TEST_F(AtomicFileTest, ReadFileNamesWhatIsWrong) {
    EXPECT_EQ(code_of([&] { read_file(at("missing")); }), Exit::no_input);
    EXPECT_EQ(code_of([&] { read_file(folder.string()); }), Exit::data);
    write_file(at("a"), std::string(200000, 'x'));
    EXPECT_EQ(read_file(at("a")).size(), 200000u);
    EXPECT_EQ(read_file(at("a"), 200000).size(), 200000u);
    EXPECT_EQ(code_of([&] { read_file(at("a"), 199999); }), Exit::data);
}

TEST(BaseName, IsTheLastComponent) {
    EXPECT_EQ(base_name("a/b.h5"), "b.h5");
    EXPECT_EQ(base_name("b.h5"), "b.h5");
    EXPECT_EQ(base_name("a/b/"), "b");
    EXPECT_EQ(base_name("/"), "/");
    EXPECT_EQ(base_name("-"), "stdin");
}

} // namespace
} // namespace ds
