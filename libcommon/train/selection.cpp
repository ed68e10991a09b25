#include "train/selection.h"

#include <fnmatch.h>

#include "base/error.h"
#include "base/names.h"

namespace ds {
namespace {

bool names(const std::string& pattern, const std::string& parameter) {
    return fnmatch(pattern.c_str(), parameter.c_str(), 0) == 0 ||
           fnmatch((pattern + ".*").c_str(), parameter.c_str(), 0) == 0;
}

bool is_trained(const Slot& slot) { return slot.kind == SlotKind::parameter && slot.train; }

/// "stem", "stage1": what parameters belong to, in order.
std::vector<std::string_view> parts(const Graph& graph) {
    std::vector<std::string_view> found;
    for (const Slot& slot : graph.slots) {
        const std::string_view part = std::string_view(slot.name).substr(0, slot.name.find('.'));
        if (is_trained(slot) && (found.empty() || found.back() != part)) found.push_back(part);
    }
    return found;
}

} // namespace

std::set<std::string> named_parameters(const Graph& graph, const std::string& pattern, std::string_view option) {
    std::set<std::string> found;
    for (const Slot& slot : graph.slots)
        if (is_trained(slot) && names(pattern, slot.name)) found.insert(slot.name);
    if (found.empty())
        fail(Exit::usage, "{} '{}' names no parameter of the model{}", option, shown(pattern),
             name_hint(std::string_view(pattern).substr(0, pattern.find('.')), parts(graph)));
    return found;
}

std::map<std::string, int64_t> frozen_epochs(const Graph& graph, const std::vector<FreezeRule>& rules) {
    std::map<std::string, int64_t> epochs;
    for (const FreezeRule& rule : rules)
        for (const std::string& name : named_parameters(graph, rule.pattern, "--freeze"))
            epochs[name] = rule.epochs == 0 ? never_trained : rule.epochs;
    bool any = rules.empty();
    for (const Slot& slot : graph.slots)
        any = any || (is_trained(slot) && (!epochs.count(slot.name) || epochs[slot.name] != never_trained));
    if (!any) fail(Exit::usage, "--freeze leaves nothing to be trained");
    return epochs;
}

std::map<std::string, double> rate_factors(const Graph& graph, const std::vector<RateRule>& rules) {
    std::map<std::string, double> factors;
    for (const RateRule& rule : rules)
        for (const std::string& name : named_parameters(graph, rule.pattern, "--lr-scale")) factors[name] = rule.factor;
    return factors;
}

} // namespace ds
