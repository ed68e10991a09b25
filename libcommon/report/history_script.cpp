#include "report/history_script.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/error.h"
#include "base/escape.h"
#include "data/import/import.h"
#include "io/checkpoint/checkpoint.h"
#include "io/history.h"
#include "report/file_places.h"
#include "report/recorded_options.h"

namespace ds {
namespace {

constexpr const char* writer_of_texts = R"(
text_file() { # NAME TEXT: makes the file; one that lies there must be the same
    [ -e "$1" ] || printf %s "$2" > "$1"
    printf %s "$2" | cmp -s - "$1" || { printf '%s\n' "$1 here is not the one that was used; move it away" >&2; exit 65; }
}
)";

bool is_import(const HistoryRecord& r) {
    return r.tool == "ds-data" && !r.arguments.empty() && r.arguments[0] == "import";
}
bool rewrites(const HistoryRecord& r) {
    return r.tool == "ds-data" && !r.arguments.empty() && r.arguments[0] == "label";
}

/// The words of a record that name its subcommand.
size_t subcommands(const HistoryRecord& r) {
    if (r.tool != "ds-data") return 0;
    return std::min<size_t>(r.arguments.size(), is_import(r) ? 2 : 1);
}

/// "part.h5:train" is part.h5 and ":train". Raw files have no splits, whatever their names.
std::pair<std::string, std::string> parts_of(const HistoryRecord& r, const HistoryInput& input) {
    const size_t colon = is_import(r) ? std::string::npos : input.name.rfind(':');
    if (colon == std::string::npos) return {input.name, ""};
    return {input.name.substr(0, colon), input.name.substr(colon)};
}

bool leads_out(const std::string& value) {
    bool upward = false;
    for (const auto& part : std::filesystem::path(value)) upward = upward || part == "..";
    return upward || (value.size() > 1 && value[0] == '/');
}

/// "target" of "--target=y"; "" of what is no option.
std::string option_of(const std::string& word) {
    return word.starts_with("--") ? word.substr(2, word.find('=') - 2) : "";
}

/// The history keeps no folders, so a word that leads out of this one is not from our tools.
void check_word(const HistoryRecord& r, const std::string& word, size_t number) {
    if (std::ranges::find(r.inputs, word, &HistoryInput::name) != r.inputs.end()) return;
    const std::string option = option_of(word), value = word.substr(option.empty() ? 0 : word.find('=') + 1);
    const bool is_short = word.starts_with("-") && option.empty();
    if (is_short || names_an_output(option) || (leads_out(value) && !holds_text(option)))
        fail(Exit::data,
             "record {} of the history has the word '{}', which no tool of ds-tools recorded: there is no script",
             number, word);
}

void check_tool(const HistoryRecord& r, size_t number) {
    if (r.tool == unknown_tool)
        fail(Exit::data, "record {} of the history: the content was changed by nobody knows what: there is no script",
             number);
    if (!is_known_tool(r.tool))
        fail(Exit::data, "record {} of the history is by '{}', which is no tool of ds-tools: there is no script",
             number, r.tool);
}

/// Writes the script record by record.
class Writer {
public:
    Writer(const std::vector<std::string>& history, const std::string& name) : name_(name) {
        for (const std::string& text : history) {
            ids_.push_back(record_id(text));
            records_.push_back(parse_record(text));
            check_tool(records_.back(), records_.size());
            for (const std::string& word : records_.back().arguments)
                check_word(records_.back(), word, records_.size());
        }
        name_files();
    }

    std::vector<RawInput> raw_inputs() const {
        std::vector<RawInput> raw;
        std::set<std::string> seen;
        for (const HistoryRecord& r : records_)
            for (const HistoryInput& input : r.inputs)
                if (is_raw(input) && seen.insert(place(r, input)).second)
                    raw.push_back({place(r, input), input.digest});
        return raw;
    }

    std::string text() {
        std::string out = "#!/bin/sh\n# Makes " + visible(name_) + " again, from raw inputs that lie here:\n";
        for (const RawInput& raw : raw_inputs()) out += "# " + raw.digest + "  " + visible(raw.place) + "\n";
        out += "# ds-info --script --check compares them with these digests.\nset -eu\n";
        for (const HistoryRecord& r : records_)
            if (writes_model_file(r)) {
                out += writer_of_texts;
                break;
            }
        for (size_t i = 0; i < records_.size(); ++i) out += commands(i);
        return out;
    }

private:
    bool is_raw(const HistoryInput& input) const {
        return std::find(ids_.begin(), ids_.end(), input.made_by) == ids_.end();
    }
    static bool writes_model_file(const HistoryRecord& r) {
        return !r.model_file.name.empty() && !is_shipped(r.model_file);
    }
    std::string place(const HistoryRecord& r, const HistoryInput& input) const {
        return places_.of(parts_of(r, input).first, input.digest);
    }
    /// What others call what record i made: name and digest, in the order in which it is read.
    std::vector<std::string> outputs(size_t i) const {
        std::vector<std::string> all;
        if (i + 1 == records_.size()) return {places_.last()};
        for (const HistoryRecord& r : records_)
            for (const HistoryInput& input : r.inputs)
                if (input.made_by == ids_[i] && std::find(all.begin(), all.end(), place(r, input)) == all.end())
                    all.push_back(place(r, input));
        if (all.empty()) all.push_back(fmt::format("step{}.h5", i + 1));
        return all;
    }
    void name_files() {
        places_.keep(name_);
        for (const HistoryRecord& r : records_) {
            for (const HistoryInput& input : r.inputs) places_.add(parts_of(r, input).first, input.digest);
            if (writes_model_file(r)) places_.add(file_name(r.model_file), record_id(r.model_file.text));
        }
        for (size_t i = 0; i < records_.size(); ++i) join_rewritten(i);
    }
    /// What a command rewrites stays in its place, unless the old content is read by others, too.
    void join_rewritten(size_t i) {
        if (!rewrites(records_[i]) || records_[i].inputs.empty()) return;
        const HistoryInput& before = records_[i].inputs.front();
        int readers = 0;
        for (const HistoryRecord& r : records_)
            for (const HistoryInput& input : r.inputs) readers += input.digest == before.digest;
        if (readers > 1) return;
        for (const HistoryRecord& r : records_)
            for (const HistoryInput& input : r.inputs)
                if (input.made_by == ids_[i]) places_.join(parts_of(r, input).first, before.digest, input.digest);
    }

    /// The inputs' places in the words that name them: positionals first, as the record has its inputs.
    std::vector<std::string> words(const HistoryRecord& r) const {
        std::vector<std::string> all = r.arguments;
        std::vector<bool> used(r.inputs.size());
        for (const bool options : {false, true})
            for (size_t w = subcommands(r); w < all.size(); ++w)
                if (all[w].starts_with("--") == options) put_place(r, all[w], used);
        return all;
    }
    void put_place(const HistoryRecord& r, std::string& word, std::vector<bool>& used) const {
        const size_t begin = word.starts_with("--") ? word.find('=') + 1 : 0;
        const std::string value = word.substr(begin);
        for (const bool again : {false, true})
            for (size_t i = 0; i < r.inputs.size(); ++i)
                if (r.inputs[i].name == value && used[i] == again) {
                    used[i] = true;
                    word = word.substr(0, begin) + place(r, r.inputs[i]) + parts_of(r, r.inputs[i]).second;
                    return;
                }
        if (begin == 0 && value == r.model_file.name && writes_model_file(r)) word = model_place(r);
    }
    std::string model_place(const HistoryRecord& r) const {
        return places_.of(file_name(r.model_file), record_id(r.model_file.text));
    }

    std::string commands(size_t i) {
        const HistoryRecord& r = records_[i];
        std::string out;
        const std::vector<std::string> made = outputs(i);
        for (const std::string& file : made) out += folder_for(file);
        if (writes_model_file(r)) {
            out += folder_for(model_place(r));
            out += "text_file " + shell_word(model_place(r)) + " " + shell_word(r.model_file.text) + "\n";
        }
        if (rewrites(r) && !r.inputs.empty()) {
            const std::string from = place(r, r.inputs.front());
            if (from != made.front()) out += copy(from, made.front());
        }
        out += r.tool;
        for (const std::string& word : rewrites(r) ? words_in(r, made.front()) : words(r))
            out += " " + shell_word(word);
        if (!rewrites(r)) out += " -o " + shell_word(made.front());
        out += "\n";
        for (size_t k = 1; k < made.size(); ++k) out += copy(made.front(), made[k]);
        return out;
    }
    std::vector<std::string> words_in(const HistoryRecord& r, const std::string& rewritten) const {
        std::vector<std::string> all = words(r);
        for (std::string& word : all)
            if (!r.inputs.empty() && word == place(r, r.inputs.front())) word = rewritten;
        return all;
    }
    static std::string copy(const std::string& from, const std::string& to) {
        return "cp " + shell_word(from) + " " + shell_word(to) + "\n";
    }
    std::string folder_for(const std::string& file) {
        const size_t slash = file.find('/');
        if (slash == file.npos || file.starts_with("./") || !folders_.insert(file.substr(0, slash)).second) return "";
        return "mkdir -p " + file.substr(0, slash) + "\n";
    }

    std::string name_;
    std::vector<std::string> ids_;
    std::vector<HistoryRecord> records_;
    FilePlaces places_;
    std::set<std::string> folders_;
};

} // namespace

HistoryScript::HistoryScript(const std::vector<std::string>& history, const std::string& name) {
    if (history.empty()) fail(Exit::data, "the model has no history: there is no script");
    Writer writer(history, name);
    raw_ = writer.raw_inputs();
    text_ = writer.text();
}

RawState state_of(const RawInput& input) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const bool folder = fs::is_directory(input.place, ignored); // of pictures
    if (!folder && !fs::is_regular_file(input.place, ignored)) return RawState::missing;
    try {
        const bool same =
            folder ? is_folder_of(input.place, input.digest) : to_hex(input_digest(input.place)) == input.digest;
        return same ? RawState::same : RawState::other;
    } catch (const Error& error) {
        if (error.code() != Exit::data) throw;
        return RawState::other; // no pictures are in it, say
    }
}

} // namespace ds
