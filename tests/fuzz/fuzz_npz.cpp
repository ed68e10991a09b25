// Any bytes as a .npz file: an Error, or members of at most their stated sizes; and the import of its first array, of
// the first beside the second, and of all names that it does not have.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "data/format/zip.h"
#include "import_file.h"

namespace {

constexpr uint64_t most = uint64_t{1} << 22; // bytes of a member that are looked at

std::string array_name(const ds::ZipMember& member) {
    return member.name.ends_with(".npy") ? member.name.substr(0, member.name.size() - 4) : member.name;
}

void read(const ds::Source& source, const ds::ZipMember& member) {
    ds::ZipReader reader(source, member);
    std::vector<std::byte> bytes(size_t(std::min<uint64_t>(member.size, most)));
    if (reader.read(bytes) != bytes.size()) std::abort();
    if (member.size <= most && reader.read(bytes) != 0) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const ds::Source source("fuzz", {bytes.begin(), bytes.end()});
    std::vector<ds::ZipMember> members;
    try {
        members = ds::zip_members(source);
    } catch (const ds::Error&) {
        return 0;
    }
    for (const ds::ZipMember& member : members) try {
            read(source, member);
        } catch (const ds::Error&) { // of this one
        }
    if (std::ranges::any_of(members, [](const ds::ZipMember& member) { return member.size > most; })) return 0;
    for (size_t k = 0; k < std::min<size_t>(members.size(), 2); ++k) {
        ds::ArrayNames arrays{{"x=" + array_name(members[0])}, {}, "", ""};
        if (k > 0) arrays.targets = {"y=" + array_name(members[1])};
        ds::fuzz::import_files([&](const ds::ImportRequest& request) { return ds::import_npy(request, arrays); },
                               {{data, size}});
    }
    return 0;
}
