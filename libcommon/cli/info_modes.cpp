#include "cli/info_modes.h"

#include <algorithm>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/out.h"
#include "graph/text.h"
#include "io/checkpoint/content.h"
#include "io/checkpoint/model.h"
#include "io/checkpoint/reseal.h"
#include "io/checkpoint/signature.h"
#include "io/history.h"
#include "io/seal/seal.h"
#include "report/history_report.h"
#include "report/history_script.h"
#include "report/model_compare.h"
#include "report/model_diff.h"
#include "report/model_summary.h"
#include "report/parameter_table.h"

namespace ds::cli {
namespace {

enum class Read { description, everything }; // both are verified

Checkpoint open(const InfoSettings& s, Read what = Read::description) {
    LoadOptions options;
    options.payload = what == Read::everything;
    options.verify = options.payload ? Verify::everything : Verify::metadata;
    return load_checkpoint(s.model, options);
}

std::string name_of(const InfoSettings& s) { return s.model == "-" ? "model.h5" : base_name(s.model); }

void print(const Json& json) { out().write(json.dump(2) + "\n"); }

Exit show_summary(const InfoSettings& s) {
    const Json all = summary(open(s));
    if (s.json) print(all);
    else out().write(summary_text(all));
    return Exit::ok;
}

Exit show_history(const InfoSettings& s) {
    const Checkpoint checkpoint = open(s);
    if (!s.json) {
        out().write(history_text(checkpoint.history));
        return Exit::ok;
    }
    Json all = Json::array();
    for (const std::string& record : checkpoint.history) all.push(Json::parse(record, name_of(s)));
    print(all);
    return Exit::ok;
}

/// What lies here beside the digests of the raw inputs: a line each.
Exit check_raw_inputs(const HistoryScript& script) {
    Exit verdict = Exit::ok;
    for (const RawInput& input : script.raw_inputs()) {
        const RawState state = state_of(input);
        if (state != RawState::same) verdict = Exit::negative;
        out().print("{:<8} {}\n",
                    state == RawState::same      ? "same"
                    : state == RawState::missing ? "missing"
                                                 : "other",
                    visible(input.place));
    }
    return verdict;
}

Exit show_script(const InfoSettings& s) {
    const HistoryScript script(open(s).history, name_of(s));
    if (s.check) return check_raw_inputs(script);
    out().write(script.text());
    return Exit::ok;
}

Exit show_model_file(const InfoSettings& s) {
    const std::vector<std::string> history = open(s).history;
    for (auto text = history.rbegin(); text != history.rend(); ++text)
        if (const HistoryRecord record = parse_record(*text); !record.model_file.name.empty()) {
            out().write_content(record.model_file.text);
            return Exit::ok;
        }
    fail(Exit::data, "{}: no model file is stored in it", input_name(s.model));
}

Exit show_graph(const InfoSettings& s) {
    out().write(open(s).graph_text);
    return Exit::ok;
}

Exit show_dot(const InfoSettings& s) {
    out().write(dot(parse_graph(open(s).graph_text, name_of(s))));
    return Exit::ok;
}

Exit show_params(const InfoSettings& s) {
    const std::vector<ParameterRow> rows = parameter_rows(open(s, Read::everything));
    if (s.json) print(parameter_json(rows));
    else out().write(parameter_table(rows));
    return Exit::ok;
}

/// A writer that states another content than it writes is not one of ours.
void check_content(const Checkpoint& checkpoint, const std::string& name) {
    if (!checkpoint.content.empty() && checkpoint.content != to_hex(content_digest(checkpoint)))
        fail(Exit::data, "{}: its content is not the one that its attribute `content` states", name);
}

/// The key's signature is there and is of this content.
bool is_signed_by(const Checkpoint& checkpoint, const std::string& key_file) {
    constexpr size_t longest_key = 1 << 16;
    const PublicKey key = parse_public_key(read_file(key_file, longest_key), input_name(key_file));
    return std::ranges::any_of(signatures_of(checkpoint), [&](const Signed& s) { return s.key == key && s.holds; });
}

Exit verify(const InfoSettings& s) {
    Json verdict = Json::object();
    verdict.set("file", input_name(s.model));
    try {
        const Checkpoint checkpoint = load_checkpoint(s.model);
        check_content(checkpoint, input_name(s.model));
        to_model(checkpoint, input_name(s.model));
        verdict.set("whole", true).set("digest", to_hex(checkpoint.file_digest));
        const bool as_asked = s.signed_by.empty() || is_signed_by(checkpoint, s.signed_by);
        if (!s.signed_by.empty()) verdict.set("signed", as_asked);
        if (s.json) print(verdict);
        log::info(fmt::format("{}: whole: seal, digests and graph{}", input_name(s.model),
                              s.signed_by.empty() ? ""
                              : as_asked          ? "; signed by that key"
                                                  : ""));
        if (!as_asked) out().print("{}", s.json ? "" : input_name(s.model) + ": not signed by that key\n");
        return as_asked ? Exit::ok : Exit::negative;
    } catch (const Error& error) {
        if (s.json && error.code() == Exit::data) print(verdict.set("whole", false).set("error", error.what()));
        throw;
    }
}

/// A digest cannot tell a change by another program from damage: whoever made it has to say so.
Checkpoint load_to_seal(const InfoSettings& s) {
    LoadOptions options;
    options.allow_unsealed = true;
    options.believe_seal = !s.edited;
    try {
        return load_checkpoint(s.model, options);
    } catch (const Error& error) {
        const bool may_be_edited = error.code() == Exit::data && !s.edited && s.model != "-" &&
                                   seal::is_sealed(Source(s.model, true).head(seal::block_size));
        if (!may_be_edited) throw;
        fail(Exit::data, "{}; if another program changed the file where it lies, --seal --edited takes it as it is",
             error.what());
    }
}

Exit seal(const InfoSettings& s) {
    if (s.model == "-" && s.output.empty()) fail(Exit::usage, "--seal: give -o when the model comes from stdin");
    if (s.edited && s.model == "-")
        fail(Exit::usage, "--edited is for a file that was changed in its place, not stdin");
    Checkpoint checkpoint = load_to_seal(s);
    to_model(checkpoint, input_name(s.model)); // its rules hold
    const bool was_signed = !checkpoint.signatures.empty();
    if (!checkpoint.sealed && record_unknown_change(checkpoint, base_name(s.model), std::string(version()))) {
        log::warning(fmt::format("{}: not the content that a tool of ds-tools wrote; its history says so now",
                                 input_name(s.model)));
        if (was_signed) log::warning("signatures are left out: they are of other content");
    }
    save_checkpoint(checkpoint, s.output.empty() ? s.model : s.output);
    return Exit::ok;
}

/// Digests are compared, so the bytes behind them are verified: a damaged file is not equal to anything.
Exit diff(const InfoSettings& s) {
    LoadOptions verified;
    verified.payload = false;
    const Checkpoint first = load_checkpoint(s.model, verified), second = load_checkpoint(s.other, verified);
    const std::vector<std::string> lines = differences(first, second);
    if (s.json) {
        print(Json(lines));
    } else if (!lines.empty()) {
        out().write(fmt::format("--- {}\n+++ {}\n", visible(s.model), visible(s.other)));
        for (const std::string& line : lines) out().write(visible(line) + "\n");
    }
    return lines.empty() ? Exit::ok : Exit::negative;
}

Exit compare(const InfoSettings& s) {
    LoadOptions description;
    description.payload = false;
    description.verify = Verify::metadata;
    std::vector<NamedCheckpoint> models;
    for (const std::string& file : s.models) models.push_back({input_name(file), load_checkpoint(file, description)});
    const ModelTable table = compare_models(models);
    if (s.json) print(table_json(table));
    else if (s.csv) out().write_content(table_csv(table));
    else out().write(table_text(table));
    return Exit::ok;
}

/// What ds-info does: one thing a call. The summary when nothing is asked for.
struct Mode {
    const char* option;
    bool (*asked)(const InfoSettings&);
    Exit (*act)(const InfoSettings&);
    bool json; // goes with --json
};
constexpr Mode modes[] = {
    {"--history", [](const InfoSettings& s) { return s.history; }, show_history, true},
    {"--script", [](const InfoSettings& s) { return s.script; }, show_script, false},
    {"--model-file", [](const InfoSettings& s) { return s.model_file; }, show_model_file, false},
    {"--graph", [](const InfoSettings& s) { return s.graph; }, show_graph, false},
    {"--dot", [](const InfoSettings& s) { return s.dot; }, show_dot, false},
    {"--params", [](const InfoSettings& s) { return s.params; }, show_params, true},
    {"--diff", [](const InfoSettings& s) { return !s.other.empty(); }, diff, true},
    {"--compare", [](const InfoSettings& s) { return s.compare; }, compare, true},
    {"--verify", [](const InfoSettings& s) { return s.verify; }, verify, true},
    {"--seal", [](const InfoSettings& s) { return s.seal; }, seal, false},
};
constexpr Mode plain = {"", nullptr, show_summary, true};

const Mode& chosen_mode(const InfoSettings& s) {
    const Mode* found = nullptr;
    for (const Mode& mode : modes) {
        if (!mode.asked(s)) continue;
        if (found) fail(Exit::usage, "{} and {} do not go together; ask for one at a time", found->option, mode.option);
        found = &mode;
    }
    const Mode& mode = found ? *found : plain;
    if (s.json && !mode.json) fail(Exit::usage, "{} and --json do not go together", mode.option);
    if (s.models.size() > 1 && !s.compare) fail(Exit::usage, "several models are for --compare; give one");
    if (s.models.size() < 2 && s.compare) fail(Exit::usage, "--compare takes two models or more");
    if (s.csv && !s.compare) fail(Exit::usage, "--csv is for --compare");
    if (s.csv && s.json) fail(Exit::usage, "--csv and --json are two forms; give one");
    if (!s.signed_by.empty() && !s.verify) fail(Exit::usage, "--signed-by is for --verify");
    if (s.edited && !s.seal) fail(Exit::usage, "--edited is for --seal");
    if (s.check && !s.script) fail(Exit::usage, "--check is for --script");
    if (!s.output.empty() && !s.seal) fail(Exit::usage, "-o is for --seal; what is shown goes to stdout");
    return mode;
}

} // namespace

void info_options(Command& tool, InfoSettings& s) {
    tool.positional("MODEL", s.models, "checkpoint, or - for stdin; several for --compare").files().required();
    tool.group("What is shown");
    tool.flag("--history", s.history, "every command since the raw data");
    tool.flag("--script", s.script, "the shell script that makes it again");
    tool.flag("--model-file", s.model_file, "the model file (YAML) that it was made from");
    tool.flag("--graph", s.graph, "the graph as text");
    tool.flag("--dot", s.dot, "the graph for Graphviz");
    tool.flag("--params", s.params, "parameters and state: shape, dtype, mean, deviation, digest");
    tool.option("--diff", s.other, "FILE", "what differs from this model; exit 1 when anything does").files();
    tool.flag("--compare", s.compare, "the options and metrics in which several models differ, a row each");
    tool.flag("--csv", s.csv, "with --compare: as CSV").not_recorded();
    tool.group("What is checked");
    tool.flag("--verify", s.verify, "check seal, digests and the graph's rules; exit 65 when one does not hold");
    tool.flag("--check", s.check, "with --script: compare the raw inputs that lie here; exit 1 when one differs");
    tool.option("--signed-by", s.signed_by, "FILE", "with --verify: exit 1 unless this public key signed it (ds-sign)")
        .files();
    tool.flag("--seal", s.seal, "check a file that has no seal (h5py wrote it, say) and seal it");
    tool.flag("--edited", s.edited,
              "with --seal: another program changed the file where it lies, so its seal does not hold");
    output_option(tool, s.output, "the sealed file").initially("MODEL itself");
    json_option(tool, s.json);
}

Exit show_info(InfoSettings s) {
    s.model = s.models.front();
    return chosen_mode(s).act(s);
}

} // namespace ds::cli
