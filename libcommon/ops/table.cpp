// The one list of ops.
#include <map>
#include <mutex>

#include "base/error.h"
#include "base/names.h"
#include "ops/families.h"

namespace ds {
namespace {

struct Table {
    std::vector<const OpRow*> rows;
    std::map<std::string_view, const OpRow*> by_name;

    Table() {
        for (auto family : {elementwise_ops, shape_ops, linear_ops, conv_ops, norm_ops, loss_ops, attention_ops,
                            random_ops, update_ops, fused_ops})
            for (const OpRow& row : family()) add(&row);
    }
    void add(const OpRow* row) {
        if (!by_name.emplace(row->name, row).second) bug("two ops are named '{}'", row->name);
        rows.push_back(row);
    }
};

Table& table() {
    static Table all;
    return all;
}

std::mutex table_mutex; // plugins may register while others look up

} // namespace

Type absent_type() { return {DType::boolean, {Dim(-1)}}; }

bool InferArgs::has(size_t operand) const { return operand < in.size() && !(in[operand] == absent_type()); }

void InferArgs::refuse(const std::string& rule) const { fail(Exit::data, "{}", rule); }

const OpRow* find_op(std::string_view name) {
    const std::lock_guard lock(table_mutex);
    const auto found = table().by_name.find(name);
    return found == table().by_name.end() ? nullptr : found->second;
}

const OpRow& op(std::string_view name) {
    if (const OpRow* row = find_op(name)) return *row;
    std::vector<std::string_view> known;
    for (const OpRow* row : all_ops()) known.push_back(row->name);
    fail(Exit::data, "unknown op '{}'{}", name, name_hint(name, known));
}

std::vector<const OpRow*> all_ops() {
    const std::lock_guard lock(table_mutex);
    return table().rows;
}

void register_op(const OpRow* row) {
    const std::lock_guard lock(table_mutex);
    table().add(row);
}

} // namespace ds
