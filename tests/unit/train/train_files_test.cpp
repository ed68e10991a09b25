// Which files a run takes for its own.
#include "train/train_files.h"

#include "unit/io/fixture.h"

namespace ds {
namespace {

using test::Folder;

std::string run_state(const std::string& options) {
    return R"({"run":{},"options":)" + options + R"(,"data":{"name":"a.h5","split":"train","digest":"00"}})";
}

/// A checkpoint of a run, in a file.
std::string checkpoint_of(const Folder& folder, const std::string& run_state_json) {
    Checkpoint checkpoint = test::small_checkpoint();
    checkpoint.run_state_json = run_state_json;
    const std::string path = folder / "m-step000005.h5";
    save_checkpoint(checkpoint, path);
    return path;
}

/// The text without `"key":value,` of each of these.
std::string without(std::string json, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        const size_t begin = json.find(fmt::format("\"{}\":", key)), end = json.find(',', begin);
        EXPECT_NE(begin, std::string::npos) << key;
        json.erase(begin, end + 1 - begin);
    }
    return json;
}

TEST(TrainFiles, ANumberedFileBelongsToTheRunOfItsOptionsAndData) {
    const Folder folder;
    TrainOptions options;
    options.batch = 32;
    const std::string now = run_state(options.to_json().dump());
    EXPECT_TRUE(is_of_run(checkpoint_of(folder, now), now));
    TrainOptions longer = options, other = options;
    longer.epochs = 9;
    other.class_weight = "balanced";
    EXPECT_TRUE(is_of_run(checkpoint_of(folder, run_state(longer.to_json().dump())), now));
    EXPECT_FALSE(is_of_run(checkpoint_of(folder, run_state(other.to_json().dump())), now));
    EXPECT_FALSE(is_of_run(checkpoint_of(folder, ""), now));
}

TEST(TrainFiles, ARunThatAnOlderVersionBeganIsTheSame) {
    const Folder folder;
    const std::string now = TrainOptions{}.to_json().dump();
    const std::string before = without(now, {"class_weight", "shuffle_window", "mixup", "last_batch", "metric"});
    EXPECT_TRUE(is_of_run(checkpoint_of(folder, run_state(before)), run_state(now)));
}

} // namespace
} // namespace ds
