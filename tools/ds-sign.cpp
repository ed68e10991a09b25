// Signs a model's content with an Ed25519 key, so that whoever has the public half knows who vouches for it.
#include "base/atomic_file.h"
#include "base/ed25519.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/groups.h"
#include "io/checkpoint/model.h"
#include "io/checkpoint/signature.h"

using namespace ds;

int main(int argc, char** argv) {
    cli::Tool tool("ds-sign", "sign a model with a key of one's own");
    std::string file, key_file, output;
    tool.positional("MODEL", file, "checkpoint, or - for stdin").files().required();
    tool.option("--key", key_file, "FILE", "private Ed25519 key: openssl genpkey -algorithm ed25519")
        .files()
        .required();
    cli::output_option(tool, output, "the signed model").initially("MODEL itself");
    return cli::run(tool, argc, argv, [&] {
        constexpr size_t longest_key = 1 << 16;
        if (file == "-" && output.empty()) fail(Exit::usage, "give -o when the model comes from stdin");
        const SigningKey key(read_file(key_file, longest_key), input_name(key_file));
        Checkpoint checkpoint = load_checkpoint(file);
        to_model(checkpoint, input_name(file)); // its rules hold
        sign(checkpoint, key);
        save_checkpoint(checkpoint, output.empty() ? file : output);
        log::info(
            fmt::format("{}: signed by {}", input_name(output.empty() ? file : output), to_hex(key.public_key())));
        return Exit::ok;
    });
}
