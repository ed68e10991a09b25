#include "tensor/dim.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>

#include "base/error.h"

namespace ds {
namespace {

constexpr size_t most_terms = 200; // sizes of real networks have one or two; a hostile file may not blow up
constexpr int most_depth = 20;
constexpr std::array<std::string_view, 3> functions{"floor", "max", "min"}; // of two sizes

[[noreturn]] void overflow() { fail(Exit::data, "a size overflows 64 bits"); }

int64_t add(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) overflow();
    return sum;
}

int64_t multiply(int64_t a, int64_t b) {
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product)) overflow();
    return product;
}

int64_t floor_quotient(int64_t a, int64_t b) { // b > 0
    return a / b - (a % b < 0 ? 1 : 0);
}

bool is_function(std::string_view name) { return std::ranges::find(functions, name) != functions.end(); }

Dim apply(std::string_view function, const Dim& a, const Dim& b) {
    if (function == "max") return max(a, b);
    if (function == "min") return min(a, b);
    return floor_div(a, b);
}

/// Reads sums of products of numbers, symbols, FUNCTION(EXPRESSION,EXPRESSION) and (EXPRESSION).
class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Dim whole() {
        const Dim dim = sum(0);
        if (at_ != text_.size()) wrong();
        return dim;
    }

private:
    [[noreturn]] void wrong() const {
        fail(Exit::data, "'{}' is no size; write a number, a symbol such as N, or a sum of products of them",
             text_.substr(0, 80));
    }

    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    Dim sum(int depth) {
        if (depth > most_depth) wrong();
        Dim total = take('-') ? Dim(0) - product(depth) : product(depth);
        for (;;) {
            if (take('+')) total = total + product(depth);
            else if (take('-')) total = total - product(depth);
            else return total;
        }
    }

    Dim product(int depth) {
        Dim result = factor(depth);
        while (take('*')) result = result * factor(depth);
        return result;
    }

    Dim factor(int depth) {
        if (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) return number();
        if (take('(')) {
            Dim inner = sum(depth + 1);
            if (!take(')')) wrong();
            return inner;
        }
        const std::string name = identifier();
        if (!is_function(name) || !take('(')) return Dim::symbol(name);
        const Dim a = sum(depth + 1);
        if (!take(',')) wrong();
        const Dim b = sum(depth + 1);
        if (!take(')')) wrong();
        return apply(name, a, b);
    }

    int64_t number() {
        if (at_ >= text_.size() || !std::isdigit(static_cast<unsigned char>(text_[at_]))) wrong();
        int64_t value = 0;
        for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_)
            value = add(multiply(value, 10), text_[at_] - '0');
        return value;
    }

    std::string identifier() {
        const size_t begin = at_;
        while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
        if (at_ == begin) wrong();
        return std::string(text_.substr(begin, at_ - begin));
    }

    std::string_view text_;
    size_t at_ = 0;
};

/// An atom that is a function of two sizes. Its text is canonical, because we wrote it.
struct Function {
    std::string_view name;
    Dim a, b;
};

std::optional<Function> function_of(std::string_view atom) {
    const size_t open = atom.find('(');
    if (open == atom.npos) return std::nullopt;
    size_t comma = open + 1;
    for (int depth = 0; depth > 0 || atom[comma] != ','; ++comma) depth += (atom[comma] == '(') - (atom[comma] == ')');
    return Function{atom.substr(0, open), Dim::parse(atom.substr(open + 1, comma - open - 1)),
                    Dim::parse(atom.substr(comma + 1, atom.size() - comma - 2))};
}

Dim bind_atom(const std::string& atom, const Binding& binding) {
    if (const auto f = function_of(atom)) return apply(f->name, f->a.bind(binding), f->b.bind(binding));
    const auto found = binding.find(atom);
    return found != binding.end() ? Dim(found->second) : Dim::symbol(atom);
}

std::string product_text(const std::vector<std::string>& atoms, int64_t coefficient) {
    std::string text = coefficient == 1 ? "" : coefficient == -1 ? "-" : fmt::format("{}*", coefficient);
    for (size_t i = 0; i < atoms.size(); ++i) text += (i ? "*" : "") + atoms[i];
    return text;
}

} // namespace

Dim Dim::symbol(const std::string& name) {
    const auto good = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    if (name.empty() || name == "floor" || std::isdigit(static_cast<unsigned char>(name[0])) ||
        !std::ranges::all_of(name, good))
        fail(Exit::data, "'{}' is no name for a size; use letters, digits and _", name);
    Dim dim;
    dim.terms_[{name}] = 1;
    return dim;
}

Dim Dim::parse(std::string_view text) { return Parser(text).whole(); }

int64_t Dim::value() const {
    if (!known()) bug("the size {} is used before it is bound", text());
    return constant_;
}

void Dim::add_term(const Atoms& atoms, int64_t coefficient) {
    if (coefficient == 0) return;
    if (atoms.empty()) {
        constant_ = add(constant_, coefficient);
        return;
    }
    int64_t& sum = terms_[atoms];
    sum = add(sum, coefficient);
    if (sum == 0) terms_.erase(atoms);
    if (terms_.size() > most_terms) fail(Exit::data, "a size has more than {} terms", most_terms);
}

Dim Dim::bind(const Binding& binding) const {
    Dim result(constant_);
    for (const auto& [atoms, coefficient] : terms_) {
        Dim product(coefficient);
        for (const std::string& atom : atoms) product = product * bind_atom(atom, binding);
        result = result + product;
    }
    return result;
}

void Dim::collect_symbols(std::map<std::string, int>& into) const {
    for (const auto& [atoms, coefficient] : terms_)
        for (const std::string& atom : atoms) {
            if (const auto f = function_of(atom)) {
                f->a.collect_symbols(into);
                f->b.collect_symbols(into);
            } else {
                ++into[atom];
            }
        }
}

std::string Dim::text() const {
    std::string text;
    for (const auto& [atoms, coefficient] : terms_) {
        if (!text.empty() && coefficient > 0) text += '+';
        text += product_text(atoms, coefficient);
    }
    if (text.empty()) return fmt::format("{}", constant_);
    if (constant_ != 0) text += fmt::format("{:+}", constant_);
    return text;
}

Dim operator+(const Dim& a, const Dim& b) {
    Dim sum = a;
    sum.add_term({}, b.constant_);
    for (const auto& [atoms, coefficient] : b.terms_) sum.add_term(atoms, coefficient);
    return sum;
}

Dim operator-(const Dim& a, const Dim& b) { return a + b * Dim(-1); }

Dim operator*(const Dim& a, const Dim& b) {
    Dim product(multiply(a.constant_, b.constant_));
    for (const auto& [atoms, coefficient] : a.terms_) product.add_term(atoms, multiply(coefficient, b.constant_));
    for (const auto& [atoms, coefficient] : b.terms_) product.add_term(atoms, multiply(coefficient, a.constant_));
    for (const auto& [a_atoms, a_coefficient] : a.terms_)
        for (const auto& [b_atoms, b_coefficient] : b.terms_) {
            Dim::Atoms atoms;
            std::ranges::merge(a_atoms, b_atoms, std::back_inserter(atoms));
            product.add_term(atoms, multiply(a_coefficient, b_coefficient));
        }
    return product;
}

// Every product of symbols is an integer, so multiples of b leave the floor: what stays inside has
// coefficients in [0, b). Factors common to them and b cancel, and a floor of a floor becomes one.
Dim floor_div(const Dim& a, int64_t b) {
    if (b <= 0) fail(Exit::data, "a size is divided by {}; divide by a positive number", b);
    Dim whole, rest;
    const auto separate = [&](const Dim::Atoms& atoms, int64_t coefficient) {
        const int64_t quotient = floor_quotient(coefficient, b);
        whole.add_term(atoms, quotient);
        rest.add_term(atoms, coefficient - multiply(quotient, b));
    };
    separate({}, a.constant_);
    for (const auto& [atoms, coefficient] : a.terms_) separate(atoms, coefficient);
    if (rest.known()) return whole; // 0 <= rest < b

    int64_t common = b;
    for (const auto& [atoms, coefficient] : rest.terms_) common = std::gcd(common, coefficient);
    if (common > 1) {
        Dim reduced(floor_quotient(rest.constant_, common));
        for (const auto& [atoms, coefficient] : rest.terms_) reduced.add_term(atoms, coefficient / common);
        return whole + floor_div(reduced, b / common);
    }
    const auto& [atoms, coefficient] = *rest.terms_.begin();
    if (rest.terms_.size() == 1 && coefficient == 1 && atoms.size() == 1) {
        const auto inner = function_of(atoms[0]);
        if (inner && inner->name == "floor" && inner->b.known()) {
            const int64_t divisor = inner->b.value();
            return whole + floor_div(inner->a + Dim(multiply(rest.constant_, divisor)), multiply(divisor, b));
        }
    }
    return whole + Dim::atom(fmt::format("floor({},{})", rest.text(), b));
}

Dim Dim::atom(std::string text) {
    Dim dim;
    dim.terms_[{std::move(text)}] = 1;
    return dim;
}

Dim floor_div(const Dim& a, const Dim& b) {
    if (b.known()) return floor_div(a, b.value());
    if (const std::optional<Dim> exact = Dim::quotient(a, b)) return *exact;
    return Dim::atom(fmt::format("floor({},{})", a.text(), b.text()));
}

/// The greater or smaller one where that is known, else an atom with its operands in one order.
Dim Dim::extreme(std::string_view function, const Dim& a, const Dim& b) {
    const Dim difference = a - b;
    if (difference.known()) return (function == "max") == (difference.value() > 0) ? a : b;
    std::string first = a.text(), second = b.text();
    if (second < first) std::swap(first, second);
    return atom(fmt::format("{}({},{})", function, first, second));
}

Dim max(const Dim& a, const Dim& b) { return Dim::extreme("max", a, b); }
Dim min(const Dim& a, const Dim& b) { return Dim::extreme("min", a, b); }

// Long division of polynomials: the leading term (most atoms, then first in order) of what is left is
// divided by the leading term of b until nothing is left.
std::optional<Dim> Dim::quotient(const Dim& a, const Dim& b) {
    using Term = std::pair<Dim::Atoms, int64_t>;
    const auto leading = [](const Dim& dim) {
        Term best{{}, dim.constant_};
        for (const auto& [atoms, coefficient] : dim.terms_)
            if (atoms.size() > best.first.size()) best = {atoms, coefficient};
        return best;
    };
    if (b == Dim(0)) return std::nullopt;
    const Term divisor = leading(b);
    Dim rest = a, quotient;
    while (!(rest == Dim(0))) {
        const Term term = leading(rest);
        Dim::Atoms atoms;
        std::ranges::set_difference(term.first, divisor.first, std::back_inserter(atoms));
        if (!std::ranges::includes(term.first, divisor.first) || term.second % divisor.second != 0) return std::nullopt;
        Dim step;
        step.add_term(atoms, term.second / divisor.second);
        quotient = quotient + step;
        rest = rest - step * b;
    }
    return quotient;
}

bool divides(const Dim& a, const Dim& b) { return Dim::quotient(b, a).has_value(); }

Dim exact_div(const Dim& a, const Dim& b) {
    if (std::optional<Dim> exact = Dim::quotient(a, b)) return *exact;
    fail(Exit::data, "the size {} cannot be divided by {} without a rest", a.text(), b.text());
}

} // namespace ds
