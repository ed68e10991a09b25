#include "kernels/kernel.h"

#include <map>
#include <mutex>

#include "base/error.h"
#include "kernels/cpu/all.h"
#include "kernels/cuda/all.h"
#include "kernels/reference/all.h"

namespace ds::kernels {

void Kernel::pack(int, const TensorView&, std::byte*, std::byte*) const {
    bug("a kernel without packings was asked to pack");
}

void Registry::add(const Row& row) {
    for (auto& [op, rows] : lists_)
        if (op == row.op) return rows.push_back(row);
    lists_.push_back({std::string(row.op), {row}});
}

void Registry::add(std::span<const Row> rows) {
    for (const Row& row : rows) add(row);
}

std::span<const Row> Registry::rows(std::string_view op) const {
    for (const auto& [name, rows] : lists_)
        if (name == op) return rows;
    return {};
}

namespace {

/// Rows that came in by register_kernel, by device, until the device's own are added to them.
struct Door {
    std::mutex mutex;
    std::map<std::string, std::vector<Row>, std::less<>> waiting;
    std::vector<std::string> closed; // devices that are in use
};

Door& door() {
    static Door door;
    return door;
}

Registry begin_with_plugins(std::string_view device) {
    const std::lock_guard lock(door().mutex);
    door().closed.emplace_back(device);
    Registry registry;
    if (const auto rows = door().waiting.find(device); rows != door().waiting.end()) registry.add(rows->second);
    return registry;
}

Registry make_reference() {
    Registry registry = begin_with_plugins("reference");
    reference::add_all(registry);
    return registry;
}

Registry make_cpu() {
    Registry registry = begin_with_plugins("cpu");
    add_cpu(registry);
    reference::add_all(registry);
    return registry;
}

} // namespace

const Registry& registry(std::string_view device) {
    if (device == "reference") {
        static const Registry reference = make_reference();
        return reference;
    }
    if (device == "cpu") {
        static const Registry cpu = make_cpu();
        return cpu;
    }
    if (device == "cuda") return cuda_registry();
    fail(Exit::unavailable, "there is no device '{}'; known: cpu, reference, cuda", device);
}

void register_kernel(std::string_view device, const Row& row) {
    if (device != "cpu" && device != "reference") bug("kernel '{}' is for an unknown device '{}'", row.name, device);
    const std::lock_guard lock(door().mutex);
    for (const std::string& closed : door().closed)
        if (closed == device) bug("kernel '{}' comes after the first use of device '{}'", row.name, device);
    door().waiting[std::string(device)].push_back(row);
}

Choice choose(const Registry& registry, const Request& request, Math math) {
    const std::string op =
        request.pattern.empty() ? std::string(request.op) : fmt::format("{}/{}", request.op, request.pattern);
    Choice choice;
    for (const Row& row : registry.rows(op)) {
        std::string why = "trades accuracy for speed (--math strict)";
        if (math == Math::fast || !row.approximate) choice.kernel = row.make(request, why = "");
        if (choice.kernel) {
            choice.name = row.name;
            return choice;
        }
        choice.refused.push_back(fmt::format("{}: {}", row.name, why));
    }
    if (!request.pattern.empty()) return choice; // the planner runs the body instead
    std::string reasons;
    for (const std::string& line : choice.refused) reasons += "; " + line;
    fail(Exit::unavailable, "no kernel for {}{}", op, reasons.empty() ? " on this device" : reasons);
}

} // namespace ds::kernels
