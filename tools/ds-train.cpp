// Trains a model: from a model file, from a checkpoint (fine-tuning), or from where a run was stopped.
#include "base/error.h"
#include "base/version.h"
#include "cli/groups.h"
#include "cli/out.h"
#include "cli/train_options.h"
#include "train/train_job.h"

using namespace ds;

int main(int argc, char** argv) {
    cli::Tool tool("ds-train", "train a model");
    tool.computes();
    cli::TrainSettings settings;
    cli::train_options(tool, settings);

    return cli::run(tool, argc, argv, [&] {
        TrainJob job = cli::train_job(tool, settings);
        job.version = version();
        bool has_reader = true; // of the log: training goes on when it leaves
        job.print = [&](const std::string& text) {
            if (!has_reader) return;
            try {
                cli::out().write(text);
                cli::out().flush();
            } catch (const ReaderGone&) {
                has_reader = false;
            }
        };

        if (settings.dry_run) {
            cli::out().write(describe_train_job(std::move(job)));
            return Exit::ok;
        }
        if (settings.compilation.explain) {
            cli::out().write(explain_train_job(std::move(job)));
            return Exit::ok;
        }

        if (job.output == "-") cli::refuse_terminal("a model");
        if (settings.json) job.summary = [](const Json& summary) { cli::out().write(summary.dump(2) + "\n"); };
        return Exit(run_train_job(std::move(job)));
    });
}
