// Lists of inputs and what lies in folders.
#include "infer/input_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "unit/io/fixture.h"

namespace ds {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;

std::vector<std::string> listed(const std::string& text) {
    const test::Folder folder;
    write_file(folder / "list", text);
    return listed_files(folder / "list");
}

TEST(ListedFiles, AreLinesOrEndedByNul) {
    EXPECT_THAT(listed("a\nb c\r\n\n\nd"), ElementsAre("a", "b c", "d"));
    EXPECT_THAT(listed("a\nb\0c\r\0\0d"s), ElementsAre("a\nb", "c\r", "d"));
    EXPECT_TRUE(listed("").empty());
    EXPECT_TRUE(listed("\n\n").empty());
    EXPECT_THROW(listed("a\n-\nb"), Error);
}

TEST(FilesBelow, AreSortedAndNotHidden) {
    const test::Folder folder;
    for (const char* path : {"b/1", "a/z/9", "a/.hidden/2", ".3", "c"}) {
        std::filesystem::create_directories(std::filesystem::path(folder / path).parent_path());
        write_file(folder / path, std::string_view("x"));
    }
    std::filesystem::create_directory_symlink("..", folder / "a/up");
    ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0); // would wait for its writer
    std::filesystem::create_symlink("pipe", folder / "link-to-pipe");
    std::filesystem::create_symlink("c", folder / "link-to-file");
    EXPECT_THAT(files_below(folder / ""),
                ElementsAre(folder / "a/z/9", folder / "b/1", folder / "c", folder / "link-to-file"));
    EXPECT_THROW(files_below(folder / "none"), Error);
}

} // namespace
} // namespace ds
