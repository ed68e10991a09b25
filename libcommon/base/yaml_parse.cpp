// YAML text to a tree over yaml-cpp's event parser: events carry marks, and the limits hold while reading.
#include "base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <optional>
#include <sstream>
#include <unordered_set>

#include "base/error.h"

namespace ds {

class YamlBuilder : public YAML::EventHandler {
public:
    explicit YamlBuilder(const std::string& source) : source_(std::make_shared<const std::string>(source)) {}
    Yaml take() { return std::move(root_); }
    bool empty() const { return !seen_; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (seen_) node(Yaml::Kind::null, mark).refuse("a second document; one is expected");
        seen_ = true;
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(node(Yaml::Kind::null, mark), anchor); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) node(Yaml::Kind::null, mark).refuse("an alias inside the node that it stands for");
        const Yaml copied = found->second;
        add(copied, 0);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        Yaml scalar = node(Yaml::Kind::scalar, mark);
        refuse_tag(tag, scalar);
        scalar.quoted_ = tag == "!";
        scalar.text_ = value;
        add(std::move(scalar), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(node(Yaml::Kind::list, mark), tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(node(Yaml::Kind::map, mark), tag, anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Level {
        Yaml value;
        YAML::anchor_t anchor = 0;
        std::optional<Yaml> key; // read, its value not yet
        std::unordered_set<std::string> keys;
    };

    Yaml node(Yaml::Kind kind, const YAML::Mark& mark) const {
        Yaml made;
        made.kind_ = kind;
        made.line_ = mark.line + 1;
        made.column_ = mark.column + 1;
        made.source_ = source_;
        return made;
    }
    static void refuse_tag(const std::string& tag, const Yaml& at) {
        if (!tag.empty() && tag != "?" && tag != "!") at.refuse(fmt::format("the tag {} is not known", tag));
    }
    void open(Yaml value, const std::string& tag, YAML::anchor_t anchor) {
        refuse_tag(tag, value);
        if (levels_.size() >= size_t(Yaml::max_depth))
            value.refuse(fmt::format("nested deeper than {} levels", Yaml::max_depth));
        levels_.push_back({std::move(value), anchor, {}, {}});
    }
    void close() {
        Level done = std::move(levels_.back());
        levels_.pop_back();
        add(std::move(done.value), done.anchor);
    }
    void add(Yaml value, YAML::anchor_t anchor) {
        if ((total_ += value.nodes_) > Yaml::max_nodes * size_t(Yaml::max_depth))
            value.refuse(fmt::format("more than {} values", Yaml::max_nodes));
        if (anchor != 0) anchors_[anchor] = value;
        if (levels_.empty()) root_ = std::move(value);
        else if (levels_.back().value.is_list()) add_item(levels_.back(), std::move(value));
        else if (levels_.back().key) add_member(levels_.back(), std::move(value));
        else set_key(levels_.back(), std::move(value));
    }
    static void grow(Yaml& parent, const Yaml& child) {
        parent.nodes_ += child.nodes_;
        if (parent.nodes_ > Yaml::max_nodes) child.refuse(fmt::format("more than {} values", Yaml::max_nodes));
    }
    static void add_item(Level& level, Yaml value) {
        grow(level.value, value);
        level.value.items_.push_back(std::move(value));
    }
    static void add_member(Level& level, Yaml value) {
        grow(level.value, value);
        level.value.members_.push_back({level.key->text_, level.key->line_, level.key->column_, std::move(value)});
        level.key.reset();
    }
    static void set_key(Level& level, Yaml key) {
        if (key.kind_ == Yaml::Kind::null) key.text_ = "null";
        else if (!key.is_scalar()) key.refuse("a key must be a plain name");
        if (!level.keys.insert(key.text_).second) key.refuse(fmt::format("the key \"{}\" stands twice", key.text_));
        level.key = std::move(key);
    }

    std::shared_ptr<const std::string> source_;
    std::map<YAML::anchor_t, Yaml> anchors_;
    std::vector<Level> levels_;
    Yaml root_;
    size_t total_ = 0; // nodes ever copied: bounds the time that aliases can take
    bool seen_ = false;
};

namespace {

[[noreturn]] void refuse_syntax(const std::string& source, const YAML::Exception& error) {
    if (error.mark.is_null()) fail(Exit::config, "{}: {}", source, error.msg);
    fail(Exit::config, "{}:{}:{}: {}", source, error.mark.line + 1, error.mark.column + 1, error.msg);
}

} // namespace

Yaml Yaml::parse(std::string_view text, const std::string& source) {
    if (text.size() > max_bytes) fail(Exit::config, "{}: larger than {} bytes", source, max_bytes);
    if (text.find('\0') != std::string_view::npos) fail(Exit::config, "{}: holds a zero byte; YAML is text", source);
    std::istringstream stream{std::string(text)};
    YamlBuilder builder(source);
    try {
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {}
    } catch (const YAML::Exception& error) {
        refuse_syntax(source, error);
    }
    Yaml root = builder.take();
    if (!root.source_) root.source_ = std::make_shared<const std::string>(source);
    return root;
}

} // namespace ds
