// --depfile: which options are inputs and outputs, and how names are written for make.
#include "cli/files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"

namespace ds::cli {
namespace {

class Depfile : public testing::Test {
protected:
    Depfile() {
        std::string name = (std::filesystem::temp_directory_path() / "ds-depfile-XXXXXX").string();
        folder = mkdtemp(name.data());
        std::filesystem::create_directories(folder + "/share/models");
        setenv("DS_SHARE", (folder + "/share").c_str(), 1);
        for (const char* file : {"data.h5", "odd $ #name.h5", "model.h5", "share/models/mlp.yaml"})
            write_file(at(file), "x");
    }
    ~Depfile() override {
        unsetenv("DS_SHARE");
        std::filesystem::remove_all(folder);
    }
    std::string at(const std::string& name) const { return folder + "/" + name; }

    /// The rule for a command whose variables hold these values.
    std::string text(std::string model, std::string data, std::string output, const std::string& config = "") const {
        Command command("ds-demo", "demo");
        std::string log = "-";
        command.positional("MODEL", model, "model").files();
        command.option("-d,--data", data, "FILE", "data").files();
        command.option("-o,--output", output, "FILE", "output").files().not_recorded();
        command.option("--log", log, "FILE", "log").files().not_recorded();
        return depfile_text(command, config);
    }

    std::string folder;
};

TEST_F(Depfile, NamesWhatTheOutputWasMadeFrom) {
    EXPECT_EQ(text("mlp", at("data.h5") + ":train", at("model.h5"), at("share/models/mlp.yaml")),
              at("model.h5") + ": \\\n  " + at("share/models/mlp.yaml") + " \\\n  " + at("data.h5") + "\n\n" +
                  at("share/models/mlp.yaml") + ":\n\n" + at("data.h5") + ":\n");
}

TEST_F(Depfile, WritesNamesAsMakeReadsThem) {
    EXPECT_EQ(text("-", at("odd $ #name.h5"), at("model.h5")),
              at("model.h5") + ": \\\n  " + at("odd\\ $$\\ \\#name.h5") + "\n\n" + at("odd\\ $$\\ \\#name.h5") + ":\n");
}

TEST_F(Depfile, NeedsAnOutput) {
    EXPECT_THROW(text("mlp", at("data.h5"), "-"), Error);
    Command reader("ds-demo", "demo");
    std::string model;
    reader.positional("MODEL", model, "model").files();
    EXPECT_FALSE(has_outputs(reader));
}

} // namespace
} // namespace ds::cli
