#include "report/model_diff.h"

#include <map>

#include "base/error.h"

namespace ds {

std::vector<std::string> differences(const Checkpoint& a, const Checkpoint& b) {
    std::vector<std::string> lines;
    if (a.graph_text != b.graph_text) lines.push_back("! graph");
    if (a.labels != b.labels) lines.push_back("! labels");
    if (a.preprocessing_json != b.preprocessing_json) lines.push_back("! preprocessing");
    if (a.tokenizer_json != b.tokenizer_json) lines.push_back("! tokenizer");
    auto tensors = [&](const std::vector<TensorRecord>& left, const std::vector<TensorRecord>& right) {
        std::map<std::string, const TensorRecord*> in_right;
        for (const TensorRecord& r : right) in_right[r.name] = &r;
        for (const TensorRecord& l : left) {
            const auto found = in_right.find(l.name);
            if (found == in_right.end()) lines.push_back("- " + l.name);
            else if (l.dtype != found->second->dtype || l.shape != found->second->shape)
                lines.push_back(fmt::format("! {} {}{} to {}{}", l.name, name(l.dtype), text(l.shape),
                                            name(found->second->dtype), text(found->second->shape)));
            else if (l.digest != found->second->digest) lines.push_back("! " + l.name);
            if (found != in_right.end()) in_right.erase(found);
        }
        for (const auto& [name, record] : in_right) lines.push_back("+ " + name);
    };
    tensors(a.parameters, b.parameters);
    tensors(a.state, b.state);
    return lines;
}

} // namespace ds
