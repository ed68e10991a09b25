#include "io/checkpoint/checkpoint.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "io/checkpoint/content.h"
#include "io/history.h"
#include "io/sealed/format_version.h"
#include "io/sealed/sealed_file.h"

namespace ds {

namespace {

using hdf5::Item;
using hdf5::Kind;

// ---- names ----

// "conv1.weight" in "/parameters" -> "/parameters/conv1/weight"
std::string dataset_path(const std::string& root, const std::string& name) {
    std::string path = root + "/" + name;
    std::replace(path.begin() + std::ptrdiff_t(root.size()), path.end(), '.', '/');
    const bool empty_part = path.find("//") != path.npos || path.ends_with('/');
    if (name.empty() || empty_part || name.find('\0') != name.npos)
        fail(Exit::data, "the tensor name '{}' cannot be stored: it has an empty part", name);
    return path;
}

std::string tensor_name(const std::string& root, const Item& item) {
    const auto spelled = item.attributes.find("name");
    return spelled != item.attributes.end() ? spelled->second : item.path.substr(root.size() + 1);
}

bool lies_in(const Item& item, const std::string& root) { return item.path.starts_with(root + "/"); }

// ---- writing ----

Item text_item(const std::string& path, const std::string& text) {
    Item item;
    item.kind = Kind::text;
    item.path = path;
    item.texts = {text};
    return item;
}

class Saver {
public:
    explicit Saver(const std::string& path) : writer_(path) {}

    Digest save(const Checkpoint& c) {
        Item root;
        root.path = "/";
        root.attributes = c.attributes;
        root.attributes["format"] = "ds-tools " + c.kind;
        const int minor =
            std::max(c.version_minor, Checkpoint().version_minor); // an older file is written as a new one
        root.attributes["format_version"] = fmt::format("{}.{}", c.version_major, minor);
        structure_.push_back(std::move(root));
        add_text("/graph", c.graph_text);
        add_list("/labels", c.labels);
        add_list("/signatures", c.signatures);
        add_text("/preprocessing", c.preprocessing_json);
        add_text("/tokenizer", c.tokenizer_json);
        add_tensors("/parameters", c.parameters);
        add_tensors("/state", c.state);
        add_text("/run_state", c.run_state_json);
        for (size_t i = 0; i < c.history.size(); ++i) add_text(history_path(i), c.history[i]);
        writer_.add(parts_);
        structure_.front().attributes["content"] = to_hex(content_digest(c, [this](const TensorRecord& r) {
            return writer_.entries().at(places_.at(&r)).digest; // it was hashed on the way
        }));
        return writer_.commit(std::move(structure_));
    }

private:
    void add_text(const std::string& path, const std::string& text) {
        if (!text.empty()) structure_.push_back(text_item(path, text));
    }
    void add_list(const std::string& path, const std::vector<std::string>& texts) {
        if (texts.empty()) return;
        Item item;
        item.kind = Kind::texts;
        item.path = path;
        item.texts = texts;
        structure_.push_back(std::move(item));
    }
    // By path, so that the order in which a program holds its tensors does not change the file.
    void add_tensors(const std::string& root, const std::vector<TensorRecord>& records) {
        std::map<std::string, const TensorRecord*> by_path;
        for (const TensorRecord& r : records)
            if (!by_path.emplace(dataset_path(root, r.name), &r).second)
                fail(Exit::data, "two tensors are called '{}'", r.name);
        for (const auto& [path, record] : by_path) add_tensor(root, path, *record);
    }
    void add_tensor(const std::string& root, const std::string& path, const TensorRecord& r) {
        Item item;
        item.kind = Kind::payload;
        item.path = path;
        item.attributes = r.attributes;
        if (path.substr(root.size() + 1) != r.name) item.attributes["name"] = r.name;
        item.dtype = r.tensor.dtype();
        item.shape = r.tensor.shape();
        places_[&r] = parts_.size();
        parts_.push_back({path, r.tensor.bytes_span()});
        structure_.push_back(std::move(item));
    }

    SealedWriter writer_;
    hdf5::Structure structure_;
    std::vector<SealedWriter::Part> parts_;
    std::map<const TensorRecord*, size_t> places_; // in parts_
};

// ---- reading ----

class Loader {
public:
    Loader(const std::string& path, const LoadOptions& options)
        : reader_(path, options.allow_unsealed, options.believe_seal), options_(options) {}

    Checkpoint load(const std::string& kind) {
        read_root(kind);
        for (const Item& item : reader_.structure()) take(item);
        take_history();
        if (options_.payload) load_payload();
        else if (options_.verify == Verify::everything) reader_.verify();
        c_.sealed = reader_.sealed();
        c_.file_digest = reader_.file_digest();
        c_.file_bytes = int64_t(reader_.source().size());
        return std::move(c_);
    }

private:
    void read_root(const std::string& kind) {
        const Item* root = reader_.find("/");
        const Checkpoint known;
        const FormatVersion version =
            check_format(*root, kind, {known.version_major, known.version_minor}, reader_.name());
        c_.kind = kind;
        c_.version_major = version.major;
        c_.version_minor = version.minor;
        c_.attributes = root->attributes;
        c_.attributes.erase("format");
        c_.attributes.erase("format_version");
        if (const auto content = c_.attributes.extract("content")) c_.content = content.mapped();
    }

    void take(const Item& item) {
        if (item.kind == Kind::group) return;
        if (lies_in(item, "/parameters")) return take_tensor("/parameters", item, c_.parameters);
        if (lies_in(item, "/state")) return take_tensor("/state", item, c_.state);
        if (lies_in(item, "/history")) {
            history_.push_back(&item);
            return;
        }
        if (item.path == "/graph") return take_text(item, c_.graph_text);
        if (item.path == "/preprocessing") return take_text(item, c_.preprocessing_json);
        if (item.path == "/tokenizer") return take_text(item, c_.tokenizer_json);
        if (item.path == "/run_state") return take_text(item, c_.run_state_json);
        if (item.path == "/labels" && item.kind == Kind::texts) return void(c_.labels = item.texts);
        if (item.path == "/signatures" && item.kind == Kind::texts) return void(c_.signatures = item.texts);
        // A newer minor version may bring parts that are of no concern here; this version brings no others.
        if (c_.version_minor <= Checkpoint().version_minor)
            fail(Exit::data, "{}: {}: refused: no part of a {} file", reader_.name(), item.path, c_.kind);
    }

    void take_history() {
        std::sort(history_.begin(), history_.end(),
                  [](const Item* a, const Item* b) { return earlier_record(a->path, b->path); });
        for (const Item* item : history_) take_text(*item, c_.history.emplace_back());
    }

    void take_text(const Item& item, std::string& into) {
        if (item.kind != Kind::text) fail(Exit::data, "{}: {}: refused: not a text", reader_.name(), item.path);
        into = item.texts.front();
    }

    void take_tensor(const std::string& root, const Item& item, std::vector<TensorRecord>& into) {
        if (item.kind != Kind::payload && item.kind != Kind::bytes)
            fail(Exit::data, "{}: {}: refused: not an array of numbers", reader_.name(), item.path);
        TensorRecord r;
        r.name = tensor_name(root, item);
        r.attributes = item.attributes;
        r.attributes.erase("name");
        r.dtype = item.dtype;
        r.shape = item.shape;
        r.digest = reader_.entry(item).digest;
        if (!names_[root].insert(r.name).second)
            fail(Exit::data, "{}: {}: refused: two tensors are called '{}'", reader_.name(), item.path, r.name);
        if (options_.payload) r.tensor = Tensor::uninitialized(item.dtype, item.shape);
        into.push_back(std::move(r));
        items_[root].push_back(&item);
    }

    void load_payload() {
        std::vector<SealedReader::Part> parts;
        const auto add = [&](const std::string& root, std::vector<TensorRecord>& records) {
            for (size_t i = 0; i < records.size(); ++i) parts.push_back({items_[root][i], records[i].tensor.data()});
        };
        add("/parameters", c_.parameters);
        add("/state", c_.state);
        reader_.verify_gaps();
        reader_.read_all(parts);
        for (const TensorRecord& r : c_.parameters) check_truths(r);
        for (const TensorRecord& r : c_.state) check_truths(r);
    }

    // A bool that is neither 0 nor 1 is undefined behaviour to read.
    void check_truths(const TensorRecord& r) {
        const auto bytes = r.tensor.bytes_span();
        if (r.dtype == DType::boolean &&
            std::any_of(bytes.begin(), bytes.end(), [](std::byte b) { return b > std::byte{1}; }))
            fail(Exit::data, "{}: {}: refused: a truth value that is neither 0 nor 1", reader_.name(), r.name);
    }

    SealedReader reader_;
    LoadOptions options_;
    Checkpoint c_;
    std::map<std::string, std::vector<const Item*>> items_; // beside parameters and state
    std::map<std::string, std::set<std::string>> names_;
    std::vector<const Item*> history_; // as the file has them: by name
};

} // namespace

const TensorRecord* Checkpoint::parameter(const std::string& name) const {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& r) { return r.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

Checkpoint load_checkpoint(const std::string& path, const LoadOptions& options, const std::string& kind) {
    return Loader(path, options).load(kind);
}

Digest save_checkpoint(const Checkpoint& checkpoint, const std::string& path) { return Saver(path).save(checkpoint); }

Digest input_digest(const std::string& path) { return input_digest(Source(path, true)); }

Digest input_digest(const Source& source) {
    std::vector<std::byte> bytes(std::min<uint64_t>(source.size(), seal::block_size));
    source.read(0, bytes);
    if (seal::is_sealed({reinterpret_cast<const char*>(bytes.data()), bytes.size()}))
        return seal::file_digest(seal::read_block(bytes, source.size(), source.name()));
    TreeHasher hasher;
    bytes.resize(seal::chunk_size);
    for (uint64_t at = 0; at < source.size(); at += bytes.size()) {
        const auto part = std::span(bytes).first(std::min<uint64_t>(bytes.size(), source.size() - at));
        source.read(at, part);
        hasher.update(part);
    }
    return hasher.finish();
}

} // namespace ds
