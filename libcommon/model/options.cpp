#include "model/options.h"

#include "base/error.h"
#include "base/names.h"

namespace ds {

const Yaml* LayerOptions::node(std::string_view key, bool main) {
    asked_.insert(std::string(key));
    if (yaml_.is_map()) return yaml_.find(key);
    return main && !yaml_.is_null() ? &yaml_ : nullptr;
}

ModelValue LayerOptions::value(const Yaml& node) const {
    try {
        const ModelValue evaluated = evaluate(node.as_string(), variables_);
        const auto* word = std::get_if<std::string>(&evaluated);
        return word ? parse_value(*word) : evaluated;
    } catch (const Error& error) {
        if (std::string_view(error.what()).substr(0, node.where().size()) == node.where()) throw;
        node.refuse(error.what());
    }
}

int64_t LayerOptions::integer_of(const Yaml& node, std::string_view key, int64_t least) const {
    const ModelValue v = value(node);
    if (const auto* i = std::get_if<int64_t>(&v)) {
        if (*i < least || *i > (int64_t{1} << 40)) node.refuse(fmt::format("{} of {} cannot be {}", key, kind_, *i));
        return *i;
    }
    node.refuse(fmt::format("{} of {} must be a whole number, not '{}'", key, kind_, shown(text(v))));
}

int64_t LayerOptions::required(std::string_view key, bool main, int64_t least) {
    const Yaml* found = node(key, main);
    if (!found) yaml_.refuse(fmt::format("{} needs '{}'", kind_, key));
    return integer_of(*found, key, least);
}

int64_t LayerOptions::integer(std::string_view key, int64_t fallback, bool main) {
    const Yaml* found = node(key, main);
    return found ? integer_of(*found, key) : fallback;
}

double LayerOptions::number(std::string_view key, double fallback, bool main) {
    const Yaml* found = node(key, main);
    if (!found) return fallback;
    const ModelValue v = value(*found);
    if (const auto* i = std::get_if<int64_t>(&v)) return double(*i);
    if (const auto* d = std::get_if<double>(&v)) return *d;
    found->refuse(fmt::format("{} of {} must be a number, not '{}'", key, kind_, shown(text(v))));
}

bool LayerOptions::boolean(std::string_view key, bool fallback) {
    const Yaml* found = node(key);
    if (!found) return fallback;
    const ModelValue v = value(*found);
    if (const auto* b = std::get_if<bool>(&v)) return *b;
    found->refuse(fmt::format("{} of {} must be true or false, not '{}'", key, kind_, shown(text(v))));
}

std::string LayerOptions::string(std::string_view key, const std::string& fallback, bool main) {
    const Yaml* found = node(key, main);
    return found ? text(value(*found)) : fallback;
}

std::vector<std::string> LayerOptions::strings(std::string_view key) {
    const Yaml* found = node(key);
    if (!found) return {};
    if (!found->is_list()) return {text(value(*found))};
    std::vector<std::string> all;
    for (const Yaml& item : found->items()) all.push_back(text(value(item)));
    return all;
}

std::vector<int64_t> LayerOptions::pair(std::string_view key, int64_t fallback, bool main, int64_t least) {
    const Yaml* found = node(key, main);
    if (!found) return {fallback, fallback};
    if (!found->is_list()) return std::vector<int64_t>(2, integer_of(*found, key, least));
    if (found->items().size() != 2) found->refuse(fmt::format("{} of {} is one number or [height, width]", key, kind_));
    return {integer_of(found->items()[0], key, least), integer_of(found->items()[1], key, least)};
}

void LayerOptions::done() const {
    if (!yaml_.is_map()) return;
    const std::vector<std::string_view> known(asked_.begin(), asked_.end());
    yaml_.check_keys(known);
}

} // namespace ds
