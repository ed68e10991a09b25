// Says what a model file is, where it came from, whether it is whole, and how it differs from another.
#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/groups.h"
#include "cli/out.h"
#include "graph/text.h"
#include "io/model.h"
#include "run/model_report.h"

using namespace ds;

namespace {

struct Settings {
    std::string model, other, output;
    bool history = false, script = false, graph = false, dot = false, params = false, verify = false, seal = false,
         json = false;
};

void declare(cli::Tool& tool, Settings& s) {
    tool.positional("MODEL", s.model, "checkpoint, or - for stdin").files().required();
    tool.group("What is shown");
    tool.flag("--history", s.history, "every command since the raw data");
    tool.flag("--script", s.script, "the shell script that makes it again");
    tool.flag("--graph", s.graph, "the graph as text");
    tool.flag("--dot", s.dot, "the graph for Graphviz");
    tool.flag("--params", s.params, "parameters and state: shape, dtype, mean, deviation, digest");
    tool.option("--diff", s.other, "FILE", "what differs from this model; exit 1 when anything does").files();
    tool.group("What is checked");
    tool.flag("--verify", s.verify, "check seal, digests and the graph's rules; exit 65 when one does not hold");
    tool.flag("--seal", s.seal, "check a file that has no seal (h5py wrote it, say) and seal it");
    cli::output_option(tool, s.output, "the sealed file").initially("MODEL itself");
    cli::json_option(tool, s.json);
}

Checkpoint open(const std::string& path, bool payload) {
    LoadOptions options;
    options.payload = payload;
    options.verify = payload ? Verify::everything : Verify::metadata;
    return load_checkpoint(path, options);
}

Exit verify(const Settings& s) {
    load_model(s.model);
    log::info(fmt::format("{}: whole: seal, digests and graph", base_name(s.model)));
    return Exit::ok;
}

Exit seal(const Settings& s) {
    if (s.model == "-" && s.output.empty()) fail(Exit::usage, "--seal: give -o when the model comes from stdin");
    save_model(load_model(s.model, true), s.output.empty() ? s.model : s.output);
    return Exit::ok;
}

Exit diff(const Settings& s) {
    const std::vector<std::string> lines = differences(open(s.model, false), open(s.other, false));
    if (s.json) cli::out().write(Json(lines).dump(2) + "\n");
    else
        for (const std::string& line : lines) cli::out().write(line + "\n");
    return lines.empty() ? Exit::ok : Exit::negative;
}

void show(const Settings& s) {
    const Checkpoint checkpoint = open(s.model, s.params);
    const std::string name = s.model == "-" ? "model.h5" : base_name(s.model);
    const bool parts = s.history || s.script || s.graph || s.dot || s.params;
    if (s.history && s.json) {
        Json all = Json::array();
        for (const std::string& record : checkpoint.history) all.push(Json::parse(record, name));
        cli::out().write(all.dump(2) + "\n");
    } else if (s.history) {
        cli::out().write(history_text(checkpoint.history));
    }
    if (s.script) cli::out().write(history_script(checkpoint.history, name));
    if (s.graph) cli::out().write(checkpoint.graph_text);
    if (s.dot) cli::out().write(dot(parse_graph(checkpoint.graph_text, name)));
    if (s.params) {
        const std::vector<ParameterRow> rows = parameter_rows(checkpoint);
        cli::out().write(s.json ? parameter_json(rows).dump(2) + "\n" : parameter_table(rows));
    }
    if (parts) return;
    const Json all = summary(checkpoint);
    cli::out().write(s.json ? all.dump(2) + "\n" : summary_text(all));
}

} // namespace

int main(int argc, char** argv) {
    cli::Tool tool("ds-info", "say what a model file is and where it came from");
    Settings s;
    declare(tool, s);
    return cli::run(tool, argc, argv, [&] {
        if (s.verify) return verify(s);
        if (s.seal) return seal(s);
        if (!s.other.empty()) return diff(s);
        show(s);
        return Exit::ok;
    });
}
