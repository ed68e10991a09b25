#include "report/file_places.h"

#include <filesystem>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/share.h"

namespace ds {
namespace {

constexpr size_t folder_length = 12; // digits of a digest

std::string no_option(const std::string& name) { return name.starts_with("-") ? "./" + name : name; }

bool is_digest(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

} // namespace

void FilePlaces::keep(const std::string& name) {
    kept_ = no_option(name);
    digests_[name].insert("");
}

void FilePlaces::add(const std::string& name, const std::string& digest) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos || name.find('\0') != name.npos)
        fail(Exit::data, "the history names the file '{}', which is no name without folders: there is no script", name);
    if (!is_digest(digest)) fail(Exit::data, "the history gives {} the digest '{}', which is none", name, digest);
    digests_[name].insert(digest);
}

void FilePlaces::join(const std::string& name, const std::string& before, const std::string& after) {
    const bool circle = final_digest(name, after) == final_digest(name, before);
    if (circle || !digests_[name].erase(before)) return;
    after_[{name, before}] = after;
}

std::string FilePlaces::final_digest(const std::string& name, std::string digest) const {
    for (auto next = after_.find({name, digest}); next != after_.end(); next = after_.find({name, digest}))
        digest = next->second;
    return digest;
}

std::string FilePlaces::of(const std::string& name, const std::string& digest) const {
    const auto all = digests_.find(name);
    const bool alone = all == digests_.end() || all->second.size() < 2;
    return alone ? no_option(name) : final_digest(name, digest).substr(0, folder_length) + "/" + name;
}

std::string file_name(const RecordedText& file) {
    return file.name.ends_with(".yaml") || file.name.ends_with(".yml") ? file.name : file.name + ".yaml";
}

bool is_shipped(const RecordedText& file) {
    const std::string path = share_path("models/" + file.name + ".yaml");
    std::error_code ignored;
    return file.name.find('/') == file.name.npos && std::filesystem::is_regular_file(path, ignored) &&
           read_file(path) == file.text;
}

} // namespace ds
