// Parses the graph's text. Input may be hostile: nesting, sizes and counts are limited, every name is
// checked, and what is read is verified before it is returned.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "graph/text.h"
#include "graph/verify.h"

namespace ds {
namespace {

constexpr int max_depth = 8;
constexpr size_t max_nodes = 1'000'000;
constexpr size_t max_list = 1 << 24;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-' || c == '/' || c == '%' || c == '+';
}

class Lexer {
public:
    Lexer(std::string_view text, const std::string& source) : text_(text), source_(source) {}

    template <class... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
        fail(Exit::data, "{}: graph text, line {}: {}", source_, line_,
             fmt::format(format, std::forward<Args>(args)...));
    }
    void skip() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#') {
                while (at_ < text_.size() && text_[at_] != '\n') ++at_;
            } else if (c == '\n') {
                ++line_;
                ++at_;
            } else if (c == ' ' || c == '\t' || c == '\r') ++at_;
            else break;
        }
    }
    /// Looks ahead and stays: what is refused next is refused at the line of what was read last.
    bool peek(char c) const {
        Lexer ahead = *this;
        ahead.skip();
        return ahead.at_ < text_.size() && text_[ahead.at_] == c;
    }
    bool accept(char c) {
        if (!peek(c)) return false;
        skip();
        ++at_;
        return true;
    }
    void expect(char c) {
        if (accept(c)) return;
        skip();
        refuse("expected '{}' {}", c, here());
    }
    std::string word(const char* what) {
        skip();
        const size_t start = at_;
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        if (at_ == start) refuse("expected {} {}", what, here());
        return std::string(text_.substr(start, at_ - start));
    }
    std::string quoted() {
        expect('"');
        std::string out;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\n') refuse("a name runs over the end of the line");
            if (text_[at_] == '\\' && ++at_ == text_.size()) break;
            out += text_[at_++];
        }
        expect('"');
        return out;
    }
    /// A name: a word, or anything in quotes. What is in quotes and has a '%' keeps a '"' in front: no node makes it.
    std::string name(const char* what) {
        if (!peek('"')) return word(what);
        const std::string name = quoted();
        return name.find('%') == std::string::npos ? name : '"' + name;
    }
    /// Text up to the closing bracket of a type or dimension list, brackets included.
    std::string bracketed(char open, char close) {
        skip();
        const size_t start = at_;
        int depth = 0;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\n') break;
            if (text_[at_] == open) ++depth;
            if (text_[at_] == close && --depth == 0) return std::string(text_.substr(start, ++at_ - start));
        }
        refuse("'{}' is not closed", open);
    }
    /// Text up to white space: a dimension expression.
    std::string expression() {
        skip();
        const size_t start = at_;
        while (at_ < text_.size() && !std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
        return std::string(text_.substr(start, at_ - start));
    }
    Type type() {
        const std::string dtype = word("a type");
        return guarded([&] { return parse_type(dtype + bracketed('[', ']')); });
    }
    template <class F>
    auto guarded(F&& f) -> decltype(f()) {
        try {
            return f();
        } catch (const Error& error) {
            refuse("{}", error.what());
        }
    }
    std::string here() {
        if (at_ >= text_.size()) return "at the end";
        return fmt::format("at '{}'", text_.substr(at_, std::min<size_t>(20, text_.find('\n', at_) - at_)));
    }

private:
    std::string_view text_;
    const std::string& source_;
    size_t at_ = 0;
    int line_ = 1;
};

template <class T>
T number(Lexer& lexer, const std::string& word) {
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) lexer.refuse("'{}' is not a number", word);
    return value;
}

template <class T, class F>
std::vector<T> list(Lexer& lexer, F&& item) {
    std::vector<T> items;
    lexer.expect('[');
    while (!lexer.accept(']')) {
        if (!items.empty()) lexer.expect(',');
        if (items.size() >= max_list) lexer.refuse("a list is too long");
        items.push_back(item());
    }
    return items;
}

Graph parse_body(Lexer& lexer, int depth);

/// Reads `name=value` where the lexer stands after `name=`.
struct ValueReader : FieldVisitor {
    Lexer& lexer;
    const std::string wanted;
    const int depth;
    bool found = false;
    ValueReader(Lexer& l, std::string w, int d) : lexer(l), wanted(std::move(w)), depth(d) {}
    bool mine(const char* n) { return wanted == n ? (found = true) : false; }
    void field(const char* n, bool& v) override {
        if (!mine(n)) return;
        const std::string word = lexer.word("true or false");
        if (word != "true" && word != "false") lexer.refuse("{} is true or false, not '{}'", n, word);
        v = word == "true";
    }
    void field(const char* n, int64_t& v) override {
        if (mine(n)) v = number<int64_t>(lexer, lexer.word("a number"));
    }
    void field(const char* n, double& v) override {
        if (mine(n)) v = number<double>(lexer, lexer.word("a number"));
    }
    void field(const char* n, std::string& v) override {
        if (mine(n)) v = lexer.quoted();
    }
    void field(const char* n, DType& v) override {
        if (!mine(n)) return;
        const std::string word = lexer.word("a dtype");
        const auto parsed = parse_dtype(word);
        if (!parsed) lexer.refuse("'{}' is not a dtype", word);
        v = *parsed;
    }
    void field(const char* n, Dim& v) override {
        if (mine(n)) v = lexer.guarded([&] { return Dim::parse(lexer.expression()); });
    }
    void field(const char* n, Shape& v) override {
        if (mine(n)) v = lexer.guarded([&] { return parse_type("f32" + lexer.bracketed('[', ']')).shape; });
    }
    void field(const char* n, std::vector<int64_t>& v) override {
        if (mine(n)) v = list<int64_t>(lexer, [&] { return number<int64_t>(lexer, lexer.word("a number")); });
    }
    void field(const char* n, std::vector<Number>& v) override {
        if (mine(n)) v = list<Number>(lexer, [&] { return element(lexer.word("a number")); });
    }
    /// An integer where it is written as one; "-0" is a real.
    Number element(const std::string& word) {
        int64_t integer = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), integer);
        const bool is_integer = error == std::errc{} && end == word.data() + word.size() && word != "-0";
        return is_integer ? Number(integer) : Number(number<double>(lexer, word));
    }
    void field(const char* n, SubGraph& v) override {
        if (!mine(n)) return;
        if (depth >= max_depth) lexer.refuse("graphs are nested too deeply");
        lexer.expect('{');
        Graph body = parse_body(lexer, depth + 1);
        lexer.expect('}');
        v = std::make_shared<const Graph>(std::move(body));
    }
    void choice(const char* n, int& v, std::span<const std::string_view> names) override {
        if (!mine(n)) return;
        const std::string word = lexer.word("a name");
        const auto it = std::find(names.begin(), names.end(), word);
        if (it == names.end()) lexer.refuse("{} cannot be '{}'", n, word);
        v = int(it - names.begin());
    }
};

/// The names of all attributes.
struct NameReader : FieldVisitor {
    std::vector<const char*> names;
    void field(const char* n, bool&) override { names.push_back(n); }
    void field(const char* n, int64_t&) override { names.push_back(n); }
    void field(const char* n, double&) override { names.push_back(n); }
    void field(const char* n, std::string&) override { names.push_back(n); }
    void field(const char* n, DType&) override { names.push_back(n); }
    void field(const char* n, Dim&) override { names.push_back(n); }
    void field(const char* n, Shape&) override { names.push_back(n); }
    void field(const char* n, std::vector<int64_t>&) override { names.push_back(n); }
    void field(const char* n, std::vector<Number>&) override { names.push_back(n); }
    void field(const char* n, SubGraph&) override { names.push_back(n); }
    void choice(const char* n, int&, std::span<const std::string_view>) override { names.push_back(n); }
};

class GraphParser {
public:
    GraphParser(Lexer& lexer, int depth) : lexer_(lexer), depth_(depth) {}

    Graph parse() {
        if (lexer_.word("'graph'") != "graph") lexer_.refuse("a graph starts with 'graph \"name\" {{'");
        graph_.name = lexer_.quoted();
        lexer_.expect('{');
        while (!lexer_.accept('}')) {
            const std::string word = lexer_.word("a line of a graph");
            if (word == "input") input();
            else if (word == "slot") slot();
            else if (word == "output") output();
            else if (word == "write") write();
            else if (word == "gradient") gradient();
            else if (word[0] == '%') node(word);
            else lexer_.refuse("'{}' starts no line of a graph", word);
        }
        return std::move(graph_);
    }

private:
    void define(const std::string& name, ValueId value) {
        if (!names_.emplace(name, value).second) lexer_.refuse("'{}' is defined twice", name);
    }
    ValueId refer() { return value_of(lexer_.name("a value")); }
    ValueId value_of(const std::string& name) {
        const auto it = names_.find(name);
        if (it == names_.end()) lexer_.refuse("'{}' is used before it is defined", name);
        return it->second;
    }
    /// As `name` gives it; see plain().
    std::string declared_name(const char* what) {
        const std::string name = lexer_.name(what);
        if (!name.starts_with('"') && name.find('%') != std::string::npos)
            lexer_.refuse("the name '{}' has a '%': put it in quotes", name);
        return name;
    }
    static std::string plain(const std::string& name) { return name.starts_with('"') ? name.substr(1) : name; }
    template <class Enum>
    Enum enumerated(int count) {
        const std::string word = lexer_.word("a name");
        for (int i = 0; i < count; ++i)
            if (name(Enum(i)) == word) return Enum(i);
        lexer_.refuse("unknown name '{}'", word);
    }
    bool boolean() {
        const std::string word = lexer_.word("true or false");
        if (word != "true" && word != "false") lexer_.refuse("expected true or false, not '{}'", word);
        return word == "true";
    }
    /// Reads `key=` pairs until none follows.
    template <class F>
    void keys(F&& each) {
        while (!lexer_.peek('}') && !lexer_.peek(':') && next_is_key()) {
            const std::string key = lexer_.word("a key");
            lexer_.expect('=');
            each(key);
        }
    }
    bool next_is_key() {
        Lexer ahead = lexer_;
        ahead.skip();
        if (ahead.peek('"') || ahead.peek('%')) return false;
        ahead.word("a key");
        return ahead.peek('=');
    }
    void input() {
        const std::string name = declared_name("an input's name");
        lexer_.expect(':');
        const Type type = lexer_.type();
        InputRole role = InputRole::data;
        keys([&](const std::string& key) {
            if (key != "role") lexer_.refuse("an input has no '{}'", key);
            role = enumerated<InputRole>(4);
        });
        define(name, graph_.add_input(plain(name), type, role));
    }
    void slot() {
        Slot slot;
        const std::string name = declared_name("a slot's name");
        slot.name = plain(name);
        lexer_.expect(':');
        const Type type = lexer_.type();
        keys([&](const std::string& key) {
            if (key == "kind") slot.kind = enumerated<SlotKind>(6);
            else if (key == "init") init(slot.init);
            else if (key == "train") slot.train = boolean();
            else if (key == "decay") slot.decay = boolean();
            else if (key == "follows") slot.follows = plain(lexer_.name("a slot's name"));
            else if (key == "axes")
                slot.axes = list<int64_t>(lexer_, [&] { return number<int64_t>(lexer_, lexer_.word("an axis")); });
            else lexer_.refuse("a slot has no '{}'", key);
        });
        define(name, graph_.add_slot(std::move(slot), type));
    }
    void init(Init& init) {
        init.kind = lexer_.word("an initialisation");
        if (!lexer_.accept('(')) return;
        init.a = number<double>(lexer_, lexer_.word("a number"));
        lexer_.expect(')');
    }
    void output() {
        Output output;
        output.name = plain(lexer_.name("an output's name"));
        lexer_.expect('=');
        output.value = refer();
        keys([&](const std::string& key) {
            if (key != "objective") lexer_.refuse("an output has no '{}'", key);
            output.objective = boolean();
        });
        graph_.outputs.push_back(output);
    }
    void write() {
        Write write;
        write.slot = plain(lexer_.name("a slot's name"));
        lexer_.expect('=');
        write.value = refer();
        graph_.writes.push_back(write);
    }
    void gradient() {
        Gradient gradient;
        gradient.slot = plain(lexer_.name("a slot's name"));
        lexer_.expect('=');
        gradient.value = refer();
        graph_.gradients.push_back(gradient);
    }
    /// An operand: a value, or `_` for one that is absent. Files of before may have an input of that name.
    ValueId operand() {
        if (lexer_.peek('"')) return refer();
        const std::string name = lexer_.word("a value");
        return name == "_" && !names_.count(name) ? no_value : value_of(name);
    }
    void node(const std::string& first) {
        if (graph_.nodes.size() >= max_nodes) lexer_.refuse("more than {} nodes", max_nodes);
        std::vector<std::string> outs{first};
        while (lexer_.accept(',')) outs.push_back(lexer_.word("a value"));
        lexer_.expect('=');
        const std::string op_name = lexer_.word("an op");
        const OpRow& row = lexer_.guarded([&]() -> const OpRow& { return op(op_name); });
        std::vector<ValueId> in;
        lexer_.expect('(');
        while (!lexer_.accept(')')) {
            if (!in.empty()) lexer_.expect(',');
            in.push_back(operand());
        }
        std::vector<NodeId> after;
        Tags tags;
        const AttrsPtr attrs = attributes(row, after, tags);
        lexer_.expect(':');
        std::vector<Type> types{lexer_.type()};
        while (lexer_.accept(',')) types.push_back(lexer_.type());
        const std::string name = lexer_.quoted();
        const NodeId id = lexer_.guarded([&] { return graph_.add_node(row, attrs, std::move(in), name); });
        Node& made = graph_.nodes[size_t(id)];
        made.after = std::move(after);
        made.tags = tags;
        if (made.out.size() != outs.size() || types.size() != outs.size())
            lexer_.refuse("node '{}' ({}) has {} outputs, not {}", name, op_name, made.out.size(), outs.size());
        for (size_t i = 0; i < outs.size(); ++i) {
            if (!(graph_.type(made.out[i]) == types[i]))
                lexer_.refuse("node '{}' ({}) gives {}, the text says {}", name, op_name,
                              text(graph_.type(made.out[i])), text(types[i]));
            define(outs[i], made.out[i]);
        }
    }
    /// Reads a tag, unless the op has an attribute of that name.
    bool tag(const std::string& key, Tags& tags) {
        if (key == "frozen") tags.frozen = boolean();
        else if (key == "recompute") tags.recompute = boolean();
        else if (key == "stage") tags.stage = number<int64_t>(lexer_, lexer_.word("a number"));
        else return false;
        return true;
    }
    AttrsPtr attributes(const OpRow& row, std::vector<NodeId>& after, Tags& tags) {
        std::shared_ptr<Attrs> attrs = row.default_attrs()->clone();
        std::vector<std::string> seen;
        keys([&](const std::string& key) {
            if (std::find(seen.begin(), seen.end(), key) != seen.end()) lexer_.refuse("'{}' is given twice", key);
            seen.push_back(key);
            if (key == "waits_for") { // not "after", which is an attribute of pad
                for (ValueId v : list<ValueId>(lexer_, [&] { return refer(); })) {
                    if (graph_.values[size_t(v)].node < 0) lexer_.refuse("'waits_for' names no node");
                    after.push_back(graph_.values[size_t(v)].node);
                }
                return;
            }
            ValueReader reader(lexer_, key, depth_);
            attrs->visit(reader);
            if (!reader.found && !tag(key, tags)) lexer_.refuse("{} has no attribute '{}'", row.name, key);
        });
        NameReader all;
        attrs->visit(all);
        for (const char* name : all.names)
            if (std::find(seen.begin(), seen.end(), name) == seen.end())
                lexer_.refuse("{} lacks the attribute '{}'", row.name, name);
        return attrs;
    }

    Lexer& lexer_;
    const int depth_;
    Graph graph_;
    std::unordered_map<std::string, ValueId> names_;
};

Graph parse_body(Lexer& lexer, int depth) { return GraphParser(lexer, depth).parse(); }

} // namespace

Graph parse_graph(std::string_view text, const std::string& source) {
    Lexer lexer(text, source);
    Graph graph = parse_body(lexer, 0);
    lexer.skip();
    if (lexer.here() != "at the end") lexer.refuse("text after the graph's end {}", lexer.here());
    verify(graph, source);
    return graph;
}

} // namespace ds
