// Typed attributes of ops. Each op has one struct deriving from AttrsOf<Itself>; visit() names its
// fields once, and text, parsing and equality all follow from that. Attributes are immutable once a
// node holds them, so copying a graph shares them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/number_cast.h"
#include "tensor/type.h"

namespace ds {

class Graph;

/// A number of a list of attributes: an integer, exactly, or a real.
class Number {
public:
    Number(double real = 0) : real_(real) {}
    Number(int64_t integer) : real_(double(integer)), integer_(integer), is_integer_(true) {}
    bool is_integer() const { return is_integer_; }
    int64_t integer() const { return integer_; } // 0 for a real
    double real() const { return real_; }        // the nearest to an integer
    /// As an element of type T: integers stay exact where T is one; what lies outside its range becomes its end.
    template <class T>
    T to() const {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
            if (is_integer_)
                return T(std::clamp<int64_t>(integer_, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
        return number_cast<T>(real_);
    }

private:
    double real_ = 0;
    int64_t integer_ = 0;
    bool is_integer_ = false;
};

/// An attribute that is itself a graph (bodies of fused ops; If and Loop later).
using SubGraph = std::shared_ptr<const Graph>;

/// Sees each field of an attribute struct, for printing (values are read) or parsing (written).
class FieldVisitor {
public:
    virtual ~FieldVisitor() = default;
    virtual void field(const char* name, bool& value) = 0;
    virtual void field(const char* name, int64_t& value) = 0;
    virtual void field(const char* name, double& value) = 0;
    virtual void field(const char* name, std::string& value) = 0;
    virtual void field(const char* name, DType& value) = 0;
    virtual void field(const char* name, Dim& value) = 0;
    virtual void field(const char* name, Shape& value) = 0;
    virtual void field(const char* name, std::vector<int64_t>& value) = 0;
    virtual void field(const char* name, std::vector<Number>& value) = 0;
    virtual void field(const char* name, SubGraph& value) = 0;
    /// An enumeration: `value` indexes `names`.
    virtual void choice(const char* name, int& value, std::span<const std::string_view> names) = 0;

    template <class Enum>
    void choice_of(const char* name, Enum& value, std::span<const std::string_view> names) {
        int index = int(value);
        choice(name, index, names);
        value = Enum(index);
    }
};

struct Attrs {
    virtual ~Attrs() = default;
    virtual std::unique_ptr<Attrs> clone() const = 0;
    virtual void visit(FieldVisitor& v) = 0;
};

template <class Self>
struct AttrsOf : Attrs {
    std::unique_ptr<Attrs> clone() const override { return std::make_unique<Self>(static_cast<const Self&>(*this)); }
};

/// A visitor that only looks, and only at the kinds of fields that it overrides.
struct AttrsReader : FieldVisitor {
    void read(const Attrs& attrs) { attrs.clone()->visit(*this); } // fields go by reference: attrs stay as they are
    void field(const char*, bool&) override {}
    void field(const char*, int64_t&) override {}
    void field(const char*, double&) override {}
    void field(const char*, std::string&) override {}
    void field(const char*, DType&) override {}
    void field(const char*, Dim&) override {}
    void field(const char*, Shape&) override {}
    void field(const char*, std::vector<int64_t>&) override {}
    void field(const char*, std::vector<Number>&) override {}
    void field(const char*, SubGraph&) override {}
    void choice(const char*, int&, std::span<const std::string_view>) override {}
};

/// For ops without attributes.
struct NoAttrs : AttrsOf<NoAttrs> {
    void visit(FieldVisitor&) override {}
};

using AttrsPtr = std::shared_ptr<const Attrs>;

template <class T>
AttrsPtr attrs_of(T value) {
    return std::make_shared<const T>(std::move(value));
}

} // namespace ds
