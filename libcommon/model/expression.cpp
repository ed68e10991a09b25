#include "model/expression.h"

#include <charconv>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/names.h"
#include "model/function.h"

namespace ds {
namespace {

bool compare(std::string_view op, const ModelValue& a, const ModelValue& b) {
    const bool texts = is_text(a) || is_text(b);
    if (op == "==") return texts ? text(a) == text(b) : order(a, b) == 0;
    if (op == "!=") return texts ? text(a) != text(b) : order(a, b) != 0;
    const int found = order(a, b);
    return op == "<" ? found < 0 : op == "<=" ? found <= 0 : op == ">" ? found > 0 : found >= 0;
}

/// Recursive descent: or, and, not, comparison, sum, product, sign, power, atom.
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
    void deeper() {
        if (++depth_ > 64) fail(Exit::config, "'${{{}}}' is nested too deeply", shown(source_));
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
        deeper();
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
        ModelValue value = signed_power();
        for (;;) {
            if (accept("*")) value = arithmetic('*', value, signed_power());
            else if (accept("//")) value = arithmetic('f', value, signed_power());
            else if (accept("/")) value = arithmetic('/', value, signed_power());
            else if (accept("%")) value = arithmetic('%', value, signed_power());
            else return value;
        }
    }
    ModelValue signed_power() {
        int signs = 0;
        while (accept("-")) ++signs;
        ModelValue value = atom();
        if (accept("**")) { // binds to the right: 2 ** 3 ** 2 is 2 ** 9
            deeper();
            value = power(value, signed_power());
            --depth_;
        }
        return signs % 2 ? arithmetic('-', int64_t{0}, value) : value;
    }
    ModelValue atom() {
        skip();
        if (accept("(")) return closed(disjunction());
        if (accept("'")) return quoted();
        if (at_ < source_.size() && std::isdigit(static_cast<unsigned char>(source_[at_]))) return number();
        const size_t start = at_;
        while (at_ < source_.size() && is_word(source_[at_])) ++at_;
        if (at_ == start) refuse();
        const std::string_view name = source_.substr(start, at_ - start);
        if (accept("(")) return call(name);
        at_ = start + name.size();
        return word(name, start);
    }
    ModelValue closed(ModelValue value) {
        if (!accept(")")) refuse();
        return value;
    }
    ModelValue quoted() {
        const size_t end = source_.find('\'', at_);
        if (end == std::string_view::npos) refuse();
        const std::string inside(source_.substr(at_, end - at_));
        at_ = end + 1;
        return inside;
    }
    /// 12, 0.5, 1e-3; a whole number that is too large for one is refused.
    ModelValue number() {
        const char *begin = source_.data() + at_, *end = source_.data() + source_.size();
        double value = 0;
        const auto read = std::from_chars(begin, end, value);
        if (read.ec != std::errc{} || (read.ptr != end && is_word(*read.ptr))) refuse();
        const std::string_view digits(begin, size_t(read.ptr - begin));
        at_ += digits.size();
        const bool whole = digits.find_first_not_of("0123456789") == std::string_view::npos;
        ModelValue literal = parse_value(digits);
        if (whole && !is_integer(literal)) fail(Exit::config, "{} is too large a number", shown(digits));
        return literal;
    }
    ModelValue call(std::string_view name) {
        std::vector<ModelValue> arguments;
        if (!accept(")")) {
            do arguments.push_back(disjunction());
            while (accept(","));
            closed(true);
        }
        return call_function(name, arguments);
    }
    /// The value of a name. A name may have dashes (that of a column): the longest that is defined counts.
    ModelValue word(std::string_view name, size_t start) {
        if (name == "true" || name == "false") return name == "true";
        const ModelValue* value = nullptr;
        size_t length = 0;
        for (const auto& [known, known_value] : variables_) {
            const std::string_view here = source_.substr(start, known.size());
            const size_t end = start + known.size();
            const bool ends = end >= source_.size() || !is_word(source_[end]);
            if (here == known && ends && known.size() >= std::max(length, name.size())) {
                value = &known_value;
                length = known.size();
            }
        }
        if (!value) undefined(name);
        at_ = start + length;
        return *value;
    }
    [[noreturn]] void undefined(std::string_view name) const {
        std::vector<std::string_view> known;
        for (const auto& [key, value] : variables_) known.push_back(key);
        fail(Exit::config, "'{}' is not defined{}", shown(name),
             known.empty() ? "; nothing is" : name_hint(name, known));
    }

    std::string_view source_;
    const Variables& variables_;
    size_t at_ = 0;
    int depth_ = 0;
};

/// The } that ends an expression: not one inside of quotes, where the quotes are closed.
size_t find_close(std::string_view source, size_t from) {
    bool in_quotes = false;
    for (size_t at = from; at < source.size(); ++at) {
        if (source[at] == '\'') in_quotes = !in_quotes;
        if (source[at] == '}' && !in_quotes) return at;
    }
    return source.find('}', from);
}

} // namespace

ModelValue evaluate(std::string_view source, const Variables& variables) {
    ModelValue out = std::string();
    for (size_t at = 0; at < source.size();) {
        const size_t open = source.find("${", at);
        if (open == std::string_view::npos) return arithmetic('+', out, std::string(source.substr(at)));
        const size_t close = find_close(source, open + 2);
        if (close == std::string_view::npos) fail(Exit::config, "'{}' has a '${{' without '}}'", shown(source));
        ModelValue value = Parser(source.substr(open + 2, close - open - 2), variables).parse();
        if (open == 0 && close + 1 == source.size()) return value;
        out = arithmetic('+', out, std::string(source.substr(at, open - at)));
        out = arithmetic('+', out, value);
        at = close + 1;
    }
    return out;
}

} // namespace ds
