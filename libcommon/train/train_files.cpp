#include "train/train_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/log.h"
#include "io/checkpoint/checkpoint.h"

namespace ds {
namespace {

namespace fs = std::filesystem;

/// {"name", "split", "digest"}; of several files also "files", a list of {"name", "digest"}.
Json data_record(const DataSource& source) {
    Json json = Json::object(), files = Json::array();
    json.set("name", base_name(source.files()[0]->path())).set("split", source.split()).set("digest", source.digest());
    if (source.files().size() == 1) return json;
    for (const auto& file : source.files()) {
        Json one = Json::object();
        files.push(one.set("name", base_name(file->path())).set("digest", to_hex(file->file_digest())));
    }
    return json.set("files", files);
}

std::vector<std::string> names_in(const Json& data_record) {
    const Json* files = data_record.find("files");
    if (!files) return {data_record.get<std::string>("name")};
    std::vector<std::string> names;
    for (const Json& file : files->items()) names.push_back(file.get<std::string>("name"));
    return names;
}

/// What is the same at every step of a run, wherever it is planned to end: data and options. "" when there is no state.
std::string identity_of(const std::string& run_state_json) {
    if (run_state_json.empty()) return "";
    const Json json = Json::parse(run_state_json, "run state");
    Json options = TrainOptions::from_json(json.at("options")).to_json(); // with what older runs do not name
    return json.at("data").dump() + options.set("epochs", int64_t{1}).set("steps", int64_t{0}).dump();
}

/// Numbers of words, [N, words].
bool takes_words(const Type& type) { return type.dtype == DType::i32 && type.shape.size() == 2; }

Preprocessing preprocessing_of(const Model& model, const DataSource& source) {
    const Preprocessing all = source.preprocessing();
    Preprocessing used;
    for (const auto& [name, column] : all.columns)
        if (column.kind == "id") used.columns[name] = column; // no input: it names the rows of tables to come
    for (const Input& input : model.graph.inputs) {
        if (input.role != InputRole::data) continue;
        const std::string own = column_of_input(input.name).first;
        const auto by_name = all.columns.find(own);
        if (by_name != all.columns.end()) {
            used.columns[own] = by_name->second;
            continue;
        }
        // An input that is bound by shape, not by name, takes the preprocessing of that column.
        Dims item;
        for (size_t i = 1; i < model.graph.type(input.value).shape.size(); ++i)
            if (const Dim& d = model.graph.type(input.value).shape[i]; d.known()) item.push_back(d.value());
        for (const auto& [name, column] : all.columns)
            if ((column.kind != "id" && column.kind != "split" && column.kind != "group" && column.shape == item) ||
                (column.kind == "text" && task_of(model).windows) ||
                (column.kind == "document" && takes_words(model.graph.type(input.value))))
                used.columns[input.name] = column;
    }
    return used;
}

/// Only these categories are known to the model by name; told, for it is the data that decides.
void keep_names(ColumnPreprocessing& column, const std::vector<int64_t>& kept, const std::string& name) {
    std::vector<std::string> names;
    for (const int64_t k : kept) names.push_back(column.categories.at(size_t(k)));
    log::info(fmt::format("column '{}': {} of {} names stand in too few rows to learn from and are taken for unseen "
                          "(--set rare)",
                          name, column.categories.size() - names.size(), column.categories.size()));
    column.categories = std::move(names);
}

} // namespace

std::vector<std::string> labels_of(const DataSource& source, const std::string& target) {
    const int column = source.file().find(target);
    return column < 0 ? source.labels() : source.file().columns()[size_t(column)].labels;
}

bool is_of_run(const std::string& path, const std::string& run_state_json) {
    try {
        LoadOptions description;
        description.payload = false;
        description.verify = Verify::metadata;
        const std::string identity = identity_of(load_checkpoint(path, description).run_state_json);
        return !identity.empty() && identity == identity_of(run_state_json);
    } catch (const Error&) {
        return false;
    }
}

bool is_checkpoint(const std::string& model) {
    if (model == "-") return true;
    if (model.ends_with(".yaml") || model.ends_with(".yml")) return false;
    struct stat info {};
    if (::stat(model.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) return true;
    return model.find('/') != std::string::npos || model.ends_with(".h5"); // a missing file, which loading will report
}

std::shared_ptr<const DataSource> find_data(const Json& recorded, const std::vector<std::string>& given,
                                            const std::string& option, const std::string& checkpoint) {
    const std::string split = recorded.get<std::string>("split"), digest = recorded.get<std::string>("digest"),
                      suffix = split.empty() ? "" : ":" + split;
    const std::vector<std::string> names = names_in(recorded);
    std::vector<std::string> specs = given;
    for (size_t i = 0; given.empty() && i < names.size(); ++i) {
        const fs::path beside = fs::path(checkpoint).parent_path() / names[i];
        std::error_code ignored;
        for (const fs::path& place : {fs::path(names[i]), beside})
            if (specs.size() == i && fs::exists(place, ignored)) specs.push_back(place.string() + suffix);
        if (specs.size() == i)
            fail(Exit::no_input, "the run's data {} is neither here nor beside {}; give it with {}", names[i],
                 checkpoint, option);
    }
    auto source = std::make_shared<DataSource>(specs);
    if (source->digest() != digest || source->split() != split)
        fail(Exit::data,
             "{} is not the data that the run was started on ({}{}{}, digest {}); to train on other data give the "
             "checkpoint as MODEL",
             source->name(), names[0], suffix, names.size() > 1 ? fmt::format(" and {} more", names.size() - 1) : "",
             digest.substr(0, 12));
    return source;
}

void describe_run(Model& model, const TrainData& data, const TrainOptions& options, const RunState& state) {
    Json json = Json::object();
    json.set("run", state.to_json()).set("options", options.to_json()).set("data", data_record(*data.train));
    if (data.validation) json.set("validation", data_record(*data.validation));
    model.run_state_json = json.dump();
}

void take_data_description(Model& model, const DataSource& source, const std::map<std::string, InputPlaces>& places) {
    Preprocessing used = preprocessing_of(model, source);
    const std::vector<Head> heads = heads_of(model);
    const bool has_classes = heads.size() == 1 && !heads[0].part.task->of_input;
    model.labels = has_classes ? labels_of(source, heads[0].target) : std::vector<std::string>{};
    for (const Head& head : heads) {
        const bool is_column = !head.target.empty() && !head.part.task->of_input;
        if (heads.size() == 1 || !is_column) continue; // several have names of their own
        used.columns[head.target].kind = "target";
        used.columns[head.target].categories = labels_of(source, head.target);
    }
    for (const auto& [input, place] : places) {
        used.columns[input].unknown = place.unknown;
        used.columns[input].missing = place.missing;
        if (place.kept) keep_names(used.columns[input], *place.kept, input);
    }
    model.preprocessing_json = used.to_json();
}

void take_picture_rules(Model& model, const DataSource& source) {
    Preprocessing own = Preprocessing::from_json(model.preprocessing_json, model.source);
    for (const auto& [input, column] : preprocessing_of(model, source).columns) {
        const auto before = own.columns.find(input);
        if (before == own.columns.end() || !column.picture) continue;
        if (before->second.picture && agree(*before->second.picture, *column.picture)) continue;
        log::info(fmt::format("pictures for '{}' are from now on taken as those of {}: {}", input, source.name(),
                              text(*column.picture)));
        before->second.picture = column.picture;
        model.preprocessing_json = own.to_json();
    }
}

} // namespace ds
