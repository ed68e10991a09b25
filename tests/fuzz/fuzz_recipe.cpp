// Any bytes as a --config file: an Error, or values that --print-config writes and reads back the same.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "cli/resolve.h"

namespace {

/// A command with an option of each kind.
struct Demo {
    ds::cli::Command command{"ds-fuzz", "kinds of options"};
    std::string model, schedule = "constant";
    std::vector<std::string> pairs, names;
    std::vector<double> rates;
    std::optional<int64_t> seed;
    int64_t batch = 1, memory = 0;
    double lr = 0.1, time = 0;
    bool json = false;

    Demo() {
        command.positional("MODEL", model, "");
        command.option("--schedule", schedule, "S", "").choices({"constant", "cosine"});
        command.option("--set", pairs, "NAME=VALUE", "").pairs();
        command.option("--name", names, "NAME", "");
        command.option("--rate", rates, "RATE", "");
        command.option("--seed", seed, "N", "");
        command.option("--batch", batch, "N", "").range(1, 64);
        command.option("--memory", memory, "BYTES", "").bytes();
        command.option("--lr", lr, "RATE", "");
        command.option("--time", time, "DURATION", "").seconds();
        command.flag("--json", json, "");
    }
    std::string read(std::string_view text) {
        ds::cli::resolve(command, {}, ds::Yaml::parse(text, "fuzz"));
        return command.record().dump();
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Demo first;
    std::string record;
    try {
        record = first.read({reinterpret_cast<const char*>(data), size});
    } catch (const ds::Error&) {
        return 0;
    }
    Demo second;
    if (second.read(ds::cli::print_config(first.command)) != record) std::abort();
    return 0;
}
