#include "cli/files.h"

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/share.h"

namespace ds::cli {
namespace {

constexpr std::string_view own_name = "depfile";

bool names_files(const Option& option) {
    return option.completes == Option::Completes::files && option.is_resolved && option.name != own_name;
}

bool is_output(const Option& option) { return option.name == own_name || (names_files(option) && !option.is_recorded); }

bool is_file(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

/// The file behind an option's value: itself, without a split, or a shipped model's; empty for streams.
std::string file_of(const std::string& value) {
    if (is_file(value)) return value;
    if (const size_t colon = value.rfind(':'); colon != std::string::npos && is_file(value.substr(0, colon)))
        return value.substr(0, colon);
    const std::string shipped = share_path("models/" + value + ".yaml");
    return is_file(shipped) ? shipped : "";
}

/// As make reads names: blanks and # with a backslash, $ doubled. A name of two lines would be two rules.
std::string escaped(const std::string& path) {
    if (path.find_first_of("\n\r") != path.npos)
        fail(Exit::usage, "--depfile: a rule for make cannot name '{}'; rename the file", path);
    std::string text;
    for (const char c : path) {
        if (c == ' ' || c == '#' || c == '\t') text += '\\';
        if (c == '$') text += '$';
        text += c;
    }
    return text;
}

struct NamedFile {
    std::string option, path;
};

/// The same file, or the same place for one; devices and pipes are never the same.
bool same_file(const std::string& a, const std::string& b) {
    namespace fs = std::filesystem;
    if (a == "-" || b == "-") return a == b;
    std::error_code ignored;
    if (fs::exists(a, ignored) && !fs::is_regular_file(a, ignored)) return false;
    const auto place = [&](const std::string& path) { return fs::weakly_canonical(fs::absolute(path), ignored); };
    return fs::equivalent(a, b, ignored) || place(a) == place(b);
}

/// "-", a split of it, and the files that are stdin.
bool is_stdin(const std::string& value) {
    return value == "-" || value.starts_with("-:") || value == "/dev/stdin" || value == "/dev/fd/0" ||
           value == "/proc/self/fd/0";
}

bool is_folder(const std::string& value) {
    std::error_code ignored;
    return value.ends_with('/') || std::filesystem::is_directory(value, ignored);
}

bool reads(const Option& option) {
    return option.name == "config" || option.takes_stdin || (names_files(option) && !is_output(option));
}

/// A run that is resumed may go on in its own file.
bool goes_on(const NamedFile& input, const NamedFile& output) {
    return input.option == "--resume" && output.option == "--output";
}

} // namespace

bool has_outputs(const Command& leaf) {
    return std::ranges::any_of(leaf.options(), [](const Option& o) { return names_files(o) && !o.is_recorded; });
}

std::string depfile_text(const Command& leaf, const std::string& config) {
    std::vector<std::string> outputs, inputs;
    const auto add_input = [&](const std::string& file) {
        if (!file.empty() && std::ranges::find(inputs, file) == inputs.end()) inputs.push_back(file);
    };
    for (const Option& option : leaf.options()) {
        if (!names_files(option)) continue;
        for (const std::string& value : option.values()) {
            if (option.is_recorded) add_input(file_of(value));
            else if (is_file(value)) outputs.push_back(value);
        }
    }
    add_input(config);
    if (outputs.empty()) fail(Exit::usage, "--depfile needs an output file; name one with --output");
    std::string text;
    for (const std::string& output : outputs) text += (text.empty() ? "" : " ") + escaped(output);
    text += ':';
    for (const std::string& input : inputs) text += " \\\n  " + escaped(input);
    text += '\n';
    for (const std::string& input : inputs) text += "\n" + escaped(input) + ":\n";
    return text;
}

void check_outputs(const Command& leaf) {
    for (const Option& option : leaf.options())
        if (is_output(option))
            for (const std::string& value : option.values())
                if (!(option.may_be_folder && is_folder(value))) check_output(value);
}

void check_stdin(const Command& leaf) {
    const Option* first = nullptr;
    for (const Option& option : leaf.options()) {
        if (!reads(option)) continue;
        const std::vector<std::string> values = option.values();
        const auto times = std::ranges::count_if(values, is_stdin);
        if (times > 1) fail(Exit::usage, "{} is stdin {} times; it can be read once", option.label(), times);
        if (times && first) fail(Exit::usage, "{} and {} cannot both be stdin", first->label(), option.label());
        if (times) first = &option;
    }
}

void check_files_apart(const Command& leaf) {
    std::vector<NamedFile> inputs, outputs;
    for (const Option& option : leaf.options()) {
        if (!is_output(option) && !names_files(option)) continue;
        for (const std::string& value : option.values()) {
            if (is_output(option)) outputs.push_back({option.label(), value});
            else if (!file_of(value).empty()) inputs.push_back({option.label(), file_of(value)});
        }
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
        for (const NamedFile& input : inputs)
            if (outputs[i].path != "-" && !goes_on(input, outputs[i]) && same_file(outputs[i].path, input.path))
                fail(Exit::usage, "{} {} is an input, too ({}); inputs are never changed", outputs[i].option,
                     outputs[i].path, input.option);
        for (size_t j = 0; j < i; ++j)
            if (same_file(outputs[i].path, outputs[j].path))
                fail(Exit::usage, "{} and {} are both {}; give each its own", outputs[j].option, outputs[i].option,
                     outputs[i].path == "-" ? "stdout" : outputs[i].path);
    }
}

} // namespace ds::cli
