#include "io/sealed/format_version.h"

#include <charconv>

#include "base/error.h"

namespace ds {

namespace {

std::string attribute(const hdf5::Item& root, const std::string& key) {
    const auto found = root.attributes.find(key);
    return found == root.attributes.end() ? "" : found->second;
}

FormatVersion parse_version(const std::string& text, const std::string& file) {
    FormatVersion version;
    const char* end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, version.major);
    const bool dot = major.ec == std::errc() && major.ptr != end && *major.ptr == '.';
    const auto minor = std::from_chars(dot ? major.ptr + 1 : end, end, version.minor);
    if (!dot || minor.ec != std::errc() || minor.ptr != end || version.major < 0 || version.minor < 0)
        fail(Exit::data, "{}: its format_version '{}' is not a version", file, text);
    return version;
}

} // namespace

FormatVersion check_format(const hdf5::Item& root, const std::string& kind, FormatVersion known,
                           const std::string& file) {
    const std::string format = attribute(root, "format"), text = attribute(root, "format_version");
    if (format != "ds-tools " + kind)
        fail(Exit::data, "{}: {}, not a {} file of ds-tools", file,
             format.empty() ? "an HDF5 file of another program" : fmt::format("a '{}' file", format), kind);
    const FormatVersion version = parse_version(text, file);
    if (version.major > known.major)
        fail(Exit::data, "{}: format {} is newer than {}.{} that this ds-tools reads; install a newer ds-tools", file,
             text, known.major, known.minor);
    return version;
}

} // namespace ds
