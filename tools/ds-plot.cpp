// Draws the logs of training runs beside each other.
#include "base/error.h"
#include "cli/groups.h"
#include "report/run_plot.h"

using namespace ds;

namespace {

enum class X : uint8_t { step, epoch, samples, seconds };

void choose_x(RunPlot& plot, X x) {
    constexpr double LogPlace::*places[] = {&LogPlace::step, &LogPlace::epoch, &LogPlace::samples, &LogPlace::seconds};
    constexpr const char* names[] = {"step", "epoch", "samples", "seconds"};
    plot.x = places[int(x)];
    plot.x_name = names[int(x)];
}

} // namespace

int main(int argc, char** argv) {
    cli::Tool tool("ds-plot", "draw training runs beside each other");
    std::vector<std::string> files;
    std::string output;
    RunPlot plot;
    X x = X::step;
    tool.positional("LOG", files, "logs of ds-train --log; - is stdin").files().required();
    tool.option("--metric", plot.metrics, "NAME", "what is drawn: a key of the logs, such as val_top1; a panel each")
        .initially("loss, val_loss and the metric that decides");
    tool.choice<X>("--x", x, "WHAT", "what goes to the right",
                   {{"step", X::step}, {"epoch", X::epoch}, {"samples", X::samples}, {"seconds", X::seconds}});
    tool.flag("--log-x", plot.log_x, "a logarithmic axis to the right");
    tool.flag("--log-y", plot.log_y, "a logarithmic axis upwards");
    tool.option("--smooth", plot.smooth, "N", "each point is the mean of N values around it; 1: as they are")
        .range(1, 1e9)
        .initially("a hundredth of a run; 1 for validations");
    cli::output_option(tool, output, "the picture, .svg or .png,", false).endings({".svg", ".png"}).required();
    return cli::run(tool, argc, argv, [&] {
        choose_x(plot, x);
        draw_runs(read_run_logs(files), plot, output);
        return Exit::ok;
    });
}
