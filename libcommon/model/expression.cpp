#include "model/expression.h"

#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

double as_number(const ModelValue& v) {
    if (const auto* i = std::get_if<int64_t>(&v)) return double(*i);
    if (const auto* d = std::get_if<double>(&v)) return *d;
    fail(Exit::config, "'{}' is not a number", shown(text(v)));
}

bool as_bool(const ModelValue& v) {
    if (const auto* b = std::get_if<bool>(&v)) return *b;
    fail(Exit::config, "'{}' is not true or false", shown(text(v)));
}

bool both_integers(const ModelValue& a, const ModelValue& b) {
    return std::holds_alternative<int64_t>(a) && std::holds_alternative<int64_t>(b);
}

/// Integers beyond this are no sizes; refusing them keeps arithmetic from overflowing.
ModelValue integer(double value) {
    if (std::abs(value) > 0x1p53) fail(Exit::config, "{} is too large a number", value);
    return int64_t(value);
}

/// Texts that are put together from texts would otherwise double from line to line.
std::string limited(std::string made) {
    constexpr size_t max_text = 4096;
    if (made.size() > max_text) fail(Exit::config, "a text is longer than {} characters", max_text);
    return made;
}

ModelValue arithmetic(char op, const ModelValue& a, const ModelValue& b) {
    if (op == '+' && std::holds_alternative<std::string>(a)) return limited(std::get<std::string>(a) + text(b));
    const double x = as_number(a), y = as_number(b);
    if ((op == '/' || op == 'f' || op == '%') && y == 0) fail(Exit::config, "division by zero");
    const double result = op == '+'   ? x + y
                          : op == '-' ? x - y
                          : op == '*' ? x * y
                          : op == '/' ? x / y
                          : op == 'f' ? std::floor(x / y)
                                      : x - y * std::floor(x / y);
    return op != '/' && both_integers(a, b) ? integer(result) : ModelValue(result);
}

bool is_text(const ModelValue& v) { return std::holds_alternative<std::string>(v) || std::holds_alternative<bool>(v); }

bool compare(std::string_view op, const ModelValue& a, const ModelValue& b) {
    if (is_text(a) || is_text(b)) {
        if (op == "==") return text(a) == text(b);
        if (op == "!=") return text(a) != text(b);
        fail(Exit::config, "'{}' and '{}' have no order", shown(text(a)), shown(text(b)));
    }
    const double x = as_number(a), y = as_number(b);
    return op == "=="   ? x == y
           : op == "!=" ? x != y
           : op == "<"  ? x < y
           : op == "<=" ? x <= y
           : op == ">"  ? x > y
                        : x >= y;
}

/// Recursive descent: or, and, not, comparison, sum, product, sign, atom.
class Parser {
public:
    Parser(std::string_view source, const Variables& variables) : source_(source), variables_(variables) {}

    ModelValue parse() {
        ModelValue value = disjunction();
        skip();
        if (at_ < source_.size()) refuse();
        return value;
    }

private:
    [[noreturn]] void refuse() const {
        fail(Exit::config, "cannot read '${{{}}}' at '{}'", shown(source_),
             shown(source_.substr(std::min(at_, source_.size()))));
    }
    void skip() {
        while (at_ < source_.size() && (source_[at_] == ' ' || source_[at_] == '\t')) ++at_;
    }
    bool accept(std::string_view token) {
        skip();
        if (source_.substr(at_, token.size()) != token) return false;
        at_ += token.size();
        return true;
    }
    static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }
    bool accept_word(std::string_view word) {
        skip();
        if (source_.substr(at_, word.size()) != word) return false;
        const size_t end = at_ + word.size();
        if (end < source_.size() && is_word(source_[end])) return false;
        at_ = end;
        return true;
    }
    ModelValue disjunction() {
        ModelValue value = conjunction();
        while (accept_word("or")) {
            const bool right = as_bool(conjunction());
            value = as_bool(value) || right;
        }
        return value;
    }
    ModelValue conjunction() {
        ModelValue value = negation();
        while (accept_word("and")) {
            const bool right = as_bool(negation());
            value = as_bool(value) && right;
        }
        return value;
    }
    ModelValue negation() {
        if (++depth_ > 64) fail(Exit::config, "'${{{}}}' is nested too deeply", shown(source_));
        ModelValue value = accept_word("not") ? ModelValue(!as_bool(negation())) : comparison();
        --depth_;
        return value;
    }
    ModelValue comparison() {
        ModelValue left = sum();
        for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"})
            if (accept(op)) return compare(op, left, sum());
        return left;
    }
    ModelValue sum() {
        ModelValue value = product();
        for (;;) {
            if (accept("+")) value = arithmetic('+', value, product());
            else if (accept("-")) value = arithmetic('-', value, product());
            else return value;
        }
    }
    ModelValue product() {
        ModelValue value = signed_atom();
        for (;;) {
            if (accept("*")) value = arithmetic('*', value, signed_atom());
            else if (accept("//")) value = arithmetic('f', value, signed_atom());
            else if (accept("/")) value = arithmetic('/', value, signed_atom());
            else if (accept("%")) value = arithmetic('%', value, signed_atom());
            else return value;
        }
    }
    ModelValue signed_atom() {
        int signs = 0;
        while (accept("-")) ++signs;
        ModelValue value = atom();
        return signs % 2 ? arithmetic('-', int64_t{0}, value) : value;
    }
    ModelValue atom() {
        skip();
        if (accept("(")) {
            ModelValue value = disjunction();
            if (!accept(")")) refuse();
            return value;
        }
        if (accept("'")) {
            const size_t end = source_.find('\'', at_);
            if (end == std::string_view::npos) refuse();
            const std::string quoted(source_.substr(at_, end - at_));
            at_ = end + 1;
            return quoted;
        }
        const size_t start = at_;
        while (at_ < source_.size() && is_word(source_[at_])) ++at_;
        if (at_ == start) refuse();
        return word(source_.substr(start, at_ - start));
    }
    ModelValue word(std::string_view name) const {
        const ModelValue literal = parse_value(name);
        if (!std::holds_alternative<std::string>(literal)) return literal;
        const auto found = variables_.find(std::string(name));
        if (found != variables_.end()) return found->second;
        std::string known;
        for (const auto& [key, value] : variables_) known += (known.empty() ? "" : ", ") + key;
        fail(Exit::config, "'{}' is not defined; there are: {}", shown(name), known.empty() ? "none" : known);
    }

    std::string_view source_;
    const Variables& variables_;
    size_t at_ = 0;
    int depth_ = 0;
};

} // namespace

std::string text(const ModelValue& value) {
    if (const auto* s = std::get_if<std::string>(&value)) return *s;
    if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
    if (const auto* i = std::get_if<int64_t>(&value)) return std::to_string(*i);
    return fmt::format("{}", std::get<double>(value));
}

ModelValue parse_value(std::string_view word) {
    if (word == "true") return true;
    if (word == "false") return false;
    const char* end = word.data() + word.size();
    int64_t integer = 0;
    if (auto r = std::from_chars(word.data(), end, integer); r.ec == std::errc{} && r.ptr == end) return integer;
    double number = 0;
    if (auto r = std::from_chars(word.data(), end, number);
        r.ec == std::errc{} && r.ptr == end && std::isfinite(number))
        return number;
    return std::string(word);
}

ModelValue evaluate(std::string_view source, const Variables& variables) {
    std::string out;
    for (size_t at = 0; at < source.size();) {
        const size_t open = source.find("${", at);
        if (open == std::string_view::npos) {
            out += source.substr(at);
            break;
        }
        const size_t close = source.find('}', open);
        if (close == std::string_view::npos) fail(Exit::config, "'{}' has a '${{' without '}}'", shown(source));
        const ModelValue value = Parser(source.substr(open + 2, close - open - 2), variables).parse();
        if (open == 0 && close + 1 == source.size()) return value;
        out += source.substr(at, open - at);
        out = limited(out + text(value));
        at = close + 1;
    }
    return out;
}

} // namespace ds
