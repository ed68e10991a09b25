// One size of a shape: a number, or an expression in symbols such as N (batch) or T (tokens) that is
// bound when a plan is made. An expression is an integer polynomial whose atoms are symbols and
// functions (floor division, maximum, minimum), kept in canonical form, so equality of text is equality of values:
//     128    N    2*N    N*T+1    floor(H+1,2)    max(T-8,1)    floor(T,K)
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ds {

/// Values for symbols.
using Binding = std::map<std::string, int64_t>;

class Dim {
public:
    Dim(int64_t value = 0) : constant_(value) {}
    static Dim symbol(const std::string& name);
    static Dim parse(std::string_view text); // Error(data)

    bool known() const { return terms_.empty(); }
    int64_t value() const;                  // bug when not known
    Dim bind(const Binding& binding) const; // symbols without a value stay
    void collect_symbols(std::map<std::string, int>& into) const;
    std::string text() const;

    friend Dim operator+(const Dim& a, const Dim& b);
    friend Dim operator-(const Dim& a, const Dim& b);
    friend Dim operator*(const Dim& a, const Dim& b);
    /// floor(a / b) for b > 0; exact when every coefficient divides.
    friend Dim floor_div(const Dim& a, int64_t b);
    /// floor(a / b); a size that is not above 0 once it is bound is Error(data).
    friend Dim floor_div(const Dim& a, const Dim& b);
    friend Dim max(const Dim& a, const Dim& b);
    friend Dim min(const Dim& a, const Dim& b);
    friend bool divides(const Dim& a, const Dim& b);
    /// a / b when it is exact (b may be symbolic); Error(data) otherwise.
    friend Dim exact_div(const Dim& a, const Dim& b);
    friend bool operator==(const Dim& a, const Dim& b) { return a.constant_ == b.constant_ && a.terms_ == b.terms_; }

private:
    using Atoms = std::vector<std::string>; // sorted; a product
    int64_t constant_ = 0;
    std::map<Atoms, int64_t> terms_; // product of atoms -> coefficient, never 0
    void add_term(const Atoms& atoms, int64_t coefficient);
    static Dim atom(std::string text);
    static Dim extreme(std::string_view function, const Dim& a, const Dim& b);
    static std::optional<Dim> quotient(const Dim& a, const Dim& b);
};

Dim floor_div(const Dim& a, int64_t b);
Dim floor_div(const Dim& a, const Dim& b);
Dim max(const Dim& a, const Dim& b);
Dim min(const Dim& a, const Dim& b);
Dim exact_div(const Dim& a, const Dim& b);
/// True when b is a multiple of a as far as can be seen.
bool divides(const Dim& a, const Dim& b);

} // namespace ds
