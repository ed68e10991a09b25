#include "data/edit/condition.h"

#include <array>
#include <charconv>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

constexpr int most_depth = 64;
constexpr size_t most_parts = 1000; // a chain of them is a tree as deep as it is long
// Longer ones first, so that <= is not read as <.
constexpr std::array<std::pair<std::string_view, Comparison>, 7> signs{{{"==", Comparison::equal},
                                                                        {"!=", Comparison::unequal},
                                                                        {"<=", Comparison::at_most},
                                                                        {">=", Comparison::at_least},
                                                                        {"<", Comparison::less},
                                                                        {">", Comparison::greater},
                                                                        {"=", Comparison::equal}}};

bool is_word(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '_' || c == '-' || c == '.';
}

bool is_number(std::string_view word) {
    double ignored = 0;
    if (word.starts_with('+')) word.remove_prefix(1);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), ignored);
    const bool digits = word.find_first_of("0123456789") != word.npos; // nan and inf are names
    return digits && error == std::errc{} && end == word.data() + word.size();
}

class Parser {
public:
    explicit Parser(std::string_view source) : source_(source) {}
    Condition parse() {
        Condition all = either();
        skip();
        if (at_ < source_.size()) refuse("and, or or the end is missing");
        return all;
    }

private:
    [[noreturn]] void refuse(const std::string& why) const {
        fail(Exit::usage, "the condition '{}' cannot be read at '{}': {}", shown(source_),
             shown(source_.substr(std::min(at_, source_.size()))), why);
    }
    void skip() {
        while (at_ < source_.size() && std::string_view(" \t\r\n").find(source_[at_]) != std::string_view::npos) ++at_;
    }
    bool accept(std::string_view sign) {
        skip();
        if (source_.substr(at_, sign.size()) != sign) return false;
        at_ += sign.size();
        return true;
    }
    std::string_view word_here() {
        skip();
        size_t end = at_;
        if (end < source_.size() && source_[end] == '+') ++end;
        while (end < source_.size() && (is_word(source_[end]) || is_exponent_sign(end))) ++end;
        return source_.substr(at_, end - at_);
    }
    /// The plus of 1e+5.
    bool is_exponent_sign(size_t at) const {
        return source_[at] == '+' && at > at_ + 1 && (source_[at - 1] == 'e' || source_[at - 1] == 'E') &&
               is_number(source_.substr(at_, at - at_ - 1));
    }
    bool accept_word(std::string_view word) {
        if (word_here() != word) return false;
        at_ += word.size();
        return true;
    }
    Condition joined(Condition::Kind kind, Condition left, Condition right) {
        if (++parts_ > most_parts) refuse("it has too many parts");
        Condition both;
        both.kind = kind;
        both.parts.push_back(std::move(left)); // a list in braces would copy the whole tree
        both.parts.push_back(std::move(right));
        return both;
    }
    Condition either() {
        Condition all = both();
        while (accept_word("or")) all = joined(Condition::Kind::either, std::move(all), both());
        return all;
    }
    Condition both() {
        Condition all = negation();
        while (accept_word("and")) all = joined(Condition::Kind::both, std::move(all), negation());
        return all;
    }
    Condition negation() {
        if (++depth_ > most_depth) refuse("it is nested too deeply");
        Condition one;
        if (accept_word("not")) {
            one.kind = Condition::Kind::negation;
            one.parts.push_back(negation());
        } else one = atom();
        --depth_;
        return one;
    }
    Condition atom() {
        if (accept("(")) {
            Condition inner = either();
            if (!accept(")")) refuse("a ) is missing");
            return inner;
        }
        Condition one;
        one.left = term();
        if (one.left == Term{Term::Kind::column, "missing"} && accept("(")) {
            one.kind = Condition::Kind::missing;
            one.left = term();
            if (one.left.kind != Term::Kind::column) refuse("missing() takes a column");
            if (!accept(")")) refuse("a ) is missing");
            return one;
        }
        one.comparison = sign();
        one.right = term();
        if (one.left.kind != Term::Kind::column && one.right.kind != Term::Kind::column)
            refuse("a comparison needs a column");
        return one;
    }
    Comparison sign() {
        for (const auto& [words, comparison] : signs)
            if (accept(words)) return comparison;
        refuse("a comparison (== != < <= > >=) is missing");
    }
    Term term() {
        skip();
        for (const char quote : {'"', '\'', '`'})
            if (accept(std::string_view(&quote, 1))) return quoted(quote);
        const std::string_view word = word_here();
        if (word.empty() || word == "+") refuse("a column, a number or a text in quotes is missing");
        if (word == "and" || word == "or" || word == "not") refuse("a column of such a name stands in backquotes");
        if (!is_number(word) && word.starts_with('+')) refuse("it is no number");
        at_ += word.size();
        return {is_number(word) ? Term::Kind::number : Term::Kind::column, std::string(word)};
    }
    Term quoted(char quote) {
        const size_t end = source_.find(quote, at_);
        if (end == std::string_view::npos) refuse("a quote is not closed");
        Term term{quote == '`' ? Term::Kind::column : Term::Kind::text, std::string(source_.substr(at_, end - at_))};
        at_ = end + 1;
        return term;
    }

    std::string_view source_;
    size_t at_ = 0, parts_ = 0;
    int depth_ = 0;
};

std::string text(const Term& term) {
    if (term.kind == Term::Kind::number) return term.word;
    if (term.kind == Term::Kind::column) return "`" + term.word + "`";
    const char quote = term.word.find('"') == std::string::npos ? '"' : '\''; // it came in one of them
    return quote + term.word + quote;
}

} // namespace

Condition parse_condition(std::string_view source) { return Parser(source).parse(); }

std::string text(const Condition& c) {
    switch (c.kind) {
    case Condition::Kind::either: return "(" + text(c.parts[0]) + " or " + text(c.parts[1]) + ")";
    case Condition::Kind::both: return "(" + text(c.parts[0]) + " and " + text(c.parts[1]) + ")";
    case Condition::Kind::negation: return "not " + text(c.parts[0]);
    case Condition::Kind::missing: return "missing(" + text(c.left) + ")";
    case Condition::Kind::comparison: break;
    }
    for (const auto& [words, comparison] : signs)
        if (comparison == c.comparison) return text(c.left) + " " + std::string(words) + " " + text(c.right);
    return "";
}

} // namespace ds
