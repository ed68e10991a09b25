// A whole tool, run in this process: parsing, precedence, the record, and the exit codes.
#include "cli/tool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/error.h"
#include "base/yaml.h"
#include "cli/help.h"
#include "cli/out.h"
#include "cli/resolve.h"

namespace ds::cli {
namespace {

/// One run of a small tool; what it left in its variables, on its streams, and its exit code.
struct Demo {
    std::string model, data = "d.h5";
    std::vector<std::string> images, mins;
    int64_t batch = 32;
    double lr = 0.1;
    bool json = false;
    std::function<Exit()> body = [] { return Exit::ok; };

    int code = -1;
    std::string out, err;
    Json record;
    std::vector<std::string> arguments;

    Demo& run(std::vector<std::string> words) {
        Tool tool("ds-demo", "show the harness");
        tool.positional("MODEL", model, "the model").required().files();
        tool.positional("IMAGE", images, "images").files();
        tool.option("-d,--data", data, "FILE", "the data").files();
        tool.option("--min", mins, "NAME=V", "least value").pairs();
        tool.option("--batch", batch, "N", "samples at a time").range(1, 1024);
        tool.option("--lr", lr, "RATE", "learning rate");
        tool.flag("-j,--json", json, "JSON").not_recorded();
        words.insert(words.begin(), "ds-demo");
        std::vector<char*> argv;
        for (std::string& word : words) argv.push_back(word.data());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        code = cli::run(tool, int(argv.size()), argv.data(), [&] {
            record = tool.record();
            arguments = tool.arguments();
            return body();
        });
        out = testing::internal::GetCapturedStdout();
        err = testing::internal::GetCapturedStderr();
        return *this;
    }
};

/// A config file and environment variables that go when the test ends.
class Tools : public testing::Test {
protected:
    void SetUp() override {
        for (char** entry = environ; *entry;) { // what the caller set is not these tests' business
            const std::string name(*entry, std::strcspn(*entry, "="));
            if (name.starts_with("DS_")) unsetenv(name.c_str());
            else ++entry;
        }
    }
    std::string config(const std::string& text) {
        const auto path =
            std::filesystem::temp_directory_path() / ("ds-cli-test-" + std::to_string(getpid()) + ".yaml");
        std::ofstream(path) << text;
        files_.push_back(path);
        return path;
    }
    void environment(const char* name, const char* value) {
        setenv(name, value, 1);
        names_.push_back(name);
    }
    void TearDown() override {
        for (const auto& file : files_) std::filesystem::remove(file);
        for (const char* name : names_) unsetenv(name);
    }

private:
    std::vector<std::filesystem::path> files_;
    std::vector<const char*> names_;
};

TEST_F(Tools, WordsReachTheirVariables) {
    Demo demo;
    demo.run({"m.h5", "a.png", "-dx.h5", "--min", "top1=1", "b.png", "--min=loss=2", "--batch=64", "-j"});
    EXPECT_EQ(demo.code, 0) << demo.err;
    EXPECT_EQ(demo.model, "m.h5");
    EXPECT_EQ(demo.images, (std::vector<std::string>{"a.png", "b.png"}));
    EXPECT_EQ(demo.data, "x.h5");
    EXPECT_EQ(demo.mins, (std::vector<std::string>{"top1=1", "loss=2"}));
    EXPECT_EQ(demo.batch, 64);
    EXPECT_TRUE(demo.json);
}

TEST_F(Tools, DashDashEndsOptions) {
    Demo demo;
    demo.run({"--batch", "2", "--", "--lr", "-", "--"});
    EXPECT_EQ(demo.model, "--lr");
    EXPECT_EQ(demo.images, (std::vector<std::string>{"-", "--"}));
}

TEST_F(Tools, WrongCommandLinesEndWith64) {
    const std::pair<std::vector<std::string>, std::string> table[] = {
        {{"m", "--bach", "2"}, "unknown option --bach; did you mean --batch? see ds-demo --help"},
        {{"m", "--zzz=3"}, "unknown option --zzz; see ds-demo --help"},
        {{"m", "-z"}, "unknown option -z; see ds-demo --help"},
        {{"m", "--batch"}, "--batch needs a value: N"},
        {{"m", "--json=1"}, "--json takes no value"},
        {{"m", "--batch", "0"}, "--batch: 0 is out of range; 1 to 1024 expected"},
        {{}, "MODEL is missing; see ds-demo --help"},
        {{"m", "-qv"}, "--quiet and --verbose contradict each other"},
        {{"m", "--lr", "1", "--batch", "2", "--lr=2"}, "--lr: given twice, as \"1\" and \"2\"; give one value"},
        {{"m", "-d", "a.h5", "--data", "a.h5"}, "--data: given twice, as \"a.h5\" and \"a.h5\"; give one value"},
        {{"m", "--json", "--no-json"}, "--json: given together with --no-json; give one of them"},
    };
    for (const auto& [words, message] : table) {
        Demo demo;
        demo.run(words);
        EXPECT_EQ(demo.code, 64) << message;
        EXPECT_EQ(demo.err, "ds-demo: error: " + message + "\n");
        EXPECT_EQ(demo.out, "");
    }
}

TEST_F(Tools, ListsAndFlagsMayBeSaidTwice) {
    Demo demo;
    demo.run({"m", "--min", "a=1", "--min", "a=2", "--json", "-j"});
    EXPECT_EQ(demo.code, 0) << demo.err;
    EXPECT_EQ(demo.mins, (std::vector<std::string>{"a=1", "a=2"}));
}

/// The exit code of the page of a tool that leaves records, with one option more.
int code_with(const std::function<void(Command&)>& declare) {
    Tool tool("ds-train", "train");
    declare(tool);
    std::string name = "ds-train", page = "--help-scdoc";
    char* argv[] = {name.data(), page.data()};
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = cli::run(tool, 2, argv, [] { return Exit::ok; });
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    return code;
}

// A script is made of a history without the tools: what is a text, and what an output, it knows by name.
TEST(RecordedOptions, ATextOrAnOutputThatHistoriesDoNotKnowIsABug) {
    std::string value;
    EXPECT_EQ(code_with([&](Command& c) { c.option("--target", value, "NAME", "known"); }), 0);
    EXPECT_EQ(code_with([&](Command& c) { c.option("--newest", value, "NAME", "not known"); }), 70);
    EXPECT_EQ(code_with([&](Command& c) { c.option("--newest", value, "NAME", "").not_recorded(); }), 0);
    EXPECT_EQ(code_with([&](Command& c) { c.option("--log", value, "FILE", "known").files().not_recorded(); }), 0);
    EXPECT_EQ(code_with([&](Command& c) { c.option("--newest", value, "FILE", "not known").files().not_recorded(); }),
              70);
    EXPECT_EQ(code_with([&](Command& c) { c.option("--newest", value, "FILE", "an input").files(); }), 0);
    EXPECT_EQ(code_with([&](Command& c) { c.option("--newest", value, "NAME", "").choices({"a", "b"}); }), 0);
}

TEST_F(Tools, EmptyValuesAreKept) {
    Demo demo;
    EXPECT_EQ(demo.run({"m", "--data="}).data, "");
    EXPECT_EQ(demo.run({"m", "--data", ""}).data, "");
    EXPECT_EQ(demo.images.size(), 0u);
}

TEST_F(Tools, TheStrongerSourceWins) {
    const std::string file = config("model: from-file\nbatch: 2\nlr: 0.5\nmin: {top1: 0.9}\n");
    environment("DS_BATCH", "3");
    environment("DS_LR", "0.25");
    Demo demo;
    demo.run({"--config", file, "--lr", "0.75"});
    EXPECT_EQ(demo.code, 0) << demo.err;
    EXPECT_EQ(demo.model, "from-file");
    EXPECT_EQ(demo.batch, 3);
    EXPECT_EQ(demo.lr, 0.75);
    EXPECT_EQ(demo.mins, std::vector<std::string>{"top1=0.9"});
}

TEST_F(Tools, FlagsCanBeUndone) {
    environment("DS_JSON", "1");
    Demo demo;
    EXPECT_TRUE(demo.run({"m"}).json);
    EXPECT_FALSE(demo.run({"m", "--no-json"}).json);
    EXPECT_TRUE(demo.run({"m", "--no-json", "--json"}).json);
}

TEST_F(Tools, WrongConfigurationEndsWith78) {
    const std::pair<std::string, std::string> table[] = {
        {"batch: 1\nbacth: 2\n", ":2:1: unknown key \"bacth\"; did you mean batch? known: "},
        {"batch: 1\nbatch: 2\n", ":2:1: the key \"batch\" stands twice"},
        {"batch: many\n", ":1:8: a number expected, \"many\" found (key batch)"},
        {"lr: 1\nbatch: 1.5\n", ":2:8: batch: an integer expected, \"1.5\" found"},
        {"batch: 4096\n", ":1:8: batch: 4096 is out of range; 1 to 1024 expected"},
        {"batch: [1]\n", ":1:8: a number expected, a list found (key batch)"},
        {"json: yes\n", ":1:7: true or false expected, \"yes\" found (key json)"},
        {"data:\n", "a word expected, nothing found (key data)"},
        {"- a\n", ":1:1: a map (key: value) expected, a list found"},
        {"min: {a: [1]}\n", ":1:10: a word expected, a list found (key min)"},
    };
    for (const auto& [text, message] : table) {
        Demo demo;
        demo.run({"m", "--batch", "8", "--config", config(text)});
        EXPECT_EQ(demo.code, 78) << text;
        EXPECT_NE(demo.err.find(message), std::string::npos) << demo.err << "expected: " << message;
    }
    environment("DS_BATCH", "x");
    Demo demo;
    EXPECT_EQ(demo.run({"m"}).code, 78);
    EXPECT_EQ(demo.err, "ds-demo: error: environment variable DS_BATCH: an integer expected, \"x\" found\n");
}

TEST_F(Tools, PrintedConfigurationSaysTheSameAgain) {
    environment("DS_LR", "0.25");
    Demo first;
    first.run({"mö del.h5", "1", "--batch", "7", "--min", "a=b c", "--print-config"});
    EXPECT_NE(first.out.find("batch: 7 "), std::string::npos);
    EXPECT_NE(first.out.find("# DS_LR\n"), std::string::npos);
    EXPECT_NE(first.out.find("# command line\n"), std::string::npos);
    EXPECT_NE(first.out.find("# default\n"), std::string::npos);
    unsetenv("DS_LR");
    Demo second;
    second.run({"--config", config(first.out)});
    EXPECT_EQ(second.code, 0) << second.err;
    Demo third;
    third.run({"mö del.h5", "1", "--batch", "7", "--min", "a=b c", "--lr", "0.25"});
    EXPECT_EQ(second.record.dump(), third.record.dump());
}

TEST_F(Tools, TheRecordHoldsValuesByKind) {
    Demo demo;
    demo.run({"dir/m.h5", "--lr", "0.5", "-j", "--min", "a=1"});
    EXPECT_EQ(demo.record.dump(), R"({"model":"m.h5","data":"d.h5","min":["a=1"],"batch":32,"lr":0.5})");
    EXPECT_EQ(demo.arguments, (std::vector<std::string>{"--min=a=1", "--lr=0.5", "m.h5"}));
}

TEST_F(Tools, WhatIsThrownBecomesOneLineAndACode) {
    Demo demo;
    demo.body = [] {
        fail(Exit::data, "a\nb");
        return Exit::ok;
    };
    EXPECT_EQ(demo.run({"m"}).code, 65);
    EXPECT_EQ(demo.err, "ds-demo: error: a\\nb\n");
    demo.body = []() -> Exit { throw std::bad_alloc(); };
    EXPECT_EQ(demo.run({"m"}).code, 74);
    demo.body = []() -> Exit { throw std::logic_error("x"); };
    EXPECT_EQ(demo.run({"m"}).code, 70);
    EXPECT_EQ(demo.err, "ds-demo: error: internal error: x\n");
    demo.body = [] { return Exit::negative; };
    EXPECT_EQ(demo.run({"m"}).code, 1);
    demo.body = []() -> Exit { throw ReaderGone{}; };
    EXPECT_EQ(demo.run({"m"}).code, 0);
    EXPECT_EQ(demo.err, "");
}

TEST(Options, ADefaultOutsideOfTheRangeMeansNotSet) {
    Command command("ds-x", "");
    int64_t head = 0;
    Option& option = command.option("--head", head, "N", "").range(1, 10);
    EXPECT_EQ(option.initial, "");
    EXPECT_EQ(command.record().dump(), "{}");
    EXPECT_NE(print_config(command).find("# head: "), std::string::npos);
    option.assign({"3"});
    EXPECT_EQ(command.record().dump(), R"({"head":3})");
}

TEST_F(Tools, HelpComesBeforeEverythingElse) {
    Demo demo;
    demo.run({"--help", "--batch", "2"});
    EXPECT_EQ(demo.code, 0);
    EXPECT_EQ(demo.out.substr(0, 47), "Usage: ds-demo [OPTION]... MODEL [IMAGE...]\nds-");
    EXPECT_EQ(demo.err, "");
    for (size_t start = 0; start < demo.out.size();) {
        const size_t end = demo.out.find('\n', start);
        EXPECT_LE(end - start, 100u) << demo.out.substr(start, end - start);
        start = end + 1;
    }
    EXPECT_EQ(demo.run({"--version"}).out.substr(0, 8), "ds-demo ");
}

TEST_F(Tools, HelpManAndCompletionsNameTheSameOptions) {
    Demo demo;
    const std::string help = demo.run({"--help"}).out, man = demo.run({"--help-scdoc"}).out;
    const std::string bash = demo.run({"--completion", "bash"}).out, zsh = demo.run({"--completion", "zsh"}).out,
                      fish = demo.run({"--completion", "fish"}).out;
    for (const std::string name : {"data", "min", "batch", "lr", "json", "help", "version", "quiet", "verbose",
                                   "progress", "threads", "config", "print-config", "completion"}) {
        EXPECT_NE(help.find("--" + name + " "), std::string::npos) << name;
        EXPECT_NE(man.find("*--" + name + "*"), std::string::npos) << name;
        EXPECT_NE(bash.find("--" + name), std::string::npos) << name;
        EXPECT_NE(zsh.find("--" + name), std::string::npos) << name;
        EXPECT_NE(fish.find(" -l " + name + " "), std::string::npos) << name;
    }
    for (const std::string& text : {help, man, bash, zsh, fish})
        EXPECT_EQ(text.find("help-scdoc"), std::string::npos) << text;
}

// ------------------------------------------------------------------------------------- subcommands

int run_tree(std::vector<std::string> words, std::string& what) {
    Tool tool("ds-tree", "show subcommands");
    std::string file;
    Command& import = tool.command("import", "bring data in");
    Command& idx = import.command("idx", "from idx files");
    idx.positional("FILE", file, "the file").required();
    idx.action([&] {
        what = tool.chosen().full_name() + " " + file;
        return Exit::ok;
    });
    Command& info = tool.command("info", "say what it is");
    info.action([&] {
        what = "info";
        return Exit::ok;
    });
    words.insert(words.begin(), "ds-tree");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = cli::run(tool, int(argv.size()), argv.data());
    const std::string out = testing::internal::GetCapturedStdout(), err = testing::internal::GetCapturedStderr();
    if (what.empty()) what = code == 0 ? out : err;
    return code;
}

TEST(Subcommands, LeavesRunAndBranchesExplain) {
    const std::tuple<std::vector<std::string>, int, std::string> table[] = {
        {{"import", "idx", "a"}, 0, "ds-tree import idx a"},
        {{"info"}, 0, "info"},
        {{"imprt"}, 64, "ds-tree: error: unknown command \"imprt\"; did you mean import? known: import, info\n"},
        {{"import"}, 64, "ds-tree: error: a command is missing; see ds-tree import --help\n"},
        {{"import", "idx"}, 64, "ds-tree: error: FILE is missing; see ds-tree import idx --help\n"},
        {{"info", "a"}, 64, "ds-tree: error: \"a\" is one argument too many; see ds-tree info --help\n"},
    };
    for (const auto& [words, code, expected] : table) {
        std::string what;
        EXPECT_EQ(run_tree(words, what), code) << expected;
        EXPECT_EQ(what, expected);
    }
    std::string help;
    EXPECT_EQ(run_tree({"import", "--help"}, help), 0);
    EXPECT_NE(help.find("\n  idx "), std::string::npos) << help;
}

} // namespace
} // namespace ds::cli
