#include "io/checkpoint/reseal.h"

#include "base/json.h"
#include "io/checkpoint/content.h"
#include "io/checkpoint/model.h"
#include "io/history.h"

namespace ds {

bool record_unknown_change(Checkpoint& checkpoint, const std::string& name, const std::string& version) {
    const std::string found = to_hex(content_digest(checkpoint));
    if (found == checkpoint.content) return false;
    Json options = Json::object();
    options.set("before", checkpoint.content).set("after", found);
    HistoryRecord record;
    record.tool = unknown_tool;
    record.version = version;
    record.options_json = options.dump();
    record.inputs = {{name, found, maker(checkpoint.history)}};
    checkpoint.history.push_back(write_record(record));
    forget_measured(checkpoint);
    checkpoint.signatures.clear();
    return true;
}

} // namespace ds
