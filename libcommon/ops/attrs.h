// Typed attributes of ops. Each op has one struct deriving from AttrsOf<Itself>; visit() names its
// fields once, and text, parsing and equality all follow from that. Attributes are immutable once a
// node holds them, so copying a graph shares them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/type.h"

namespace ds {

class Graph;
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
    virtual void field(const char* name, std::vector<double>& value) = 0;
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
