#include "io/checkpoint/signature.h"

#include <algorithm>

#include "base/error.h"
#include "base/json.h"
#include "io/checkpoint/content.h"

namespace ds {
namespace {

constexpr const char* algorithm = "ed25519";

/// What is signed: never the same text as that of another program's signatures.
std::string message_of(const Checkpoint& checkpoint) {
    return "ds-tools signature 1\n" + to_hex(content_digest(checkpoint)) + "\n";
}

template <size_t n>
std::string hex(const std::array<uint8_t, n>& bytes) {
    std::string out;
    for (const uint8_t b : bytes) out += fmt::format("{:02x}", b);
    return out;
}

template <size_t n>
std::array<uint8_t, n> from_hex(const std::string& text) {
    std::array<uint8_t, n> bytes{};
    if (text.size() != 2 * n || text.find_first_not_of("0123456789abcdef") != text.npos)
        fail(Exit::data, "a signature has '{}' for {} bytes in hexadecimal digits", text, n);
    for (size_t i = 0; i < n; ++i) bytes[i] = uint8_t(std::stoi(text.substr(2 * i, 2), nullptr, 16));
    return bytes;
}

PublicKey key_of(const std::string& json) {
    const Json value = Json::parse(json, "a signature");
    if (value.get<std::string>("algorithm") != algorithm)
        fail(Exit::data, "a signature is by '{}'; this version knows {}", value.get<std::string>("algorithm"),
             algorithm);
    return from_hex<32>(value.get<std::string>("key"));
}

} // namespace

void sign(Checkpoint& checkpoint, const SigningKey& key) {
    const PublicKey who = key.public_key();
    std::erase_if(checkpoint.signatures, [&](const std::string& json) { return key_of(json) == who; });
    Json value = Json::object();
    value.set("algorithm", algorithm).set("key", to_hex(who)).set("signature", hex(key.sign(message_of(checkpoint))));
    checkpoint.signatures.push_back(value.dump());
}

std::vector<Signed> signatures_of(const Checkpoint& checkpoint) {
    std::vector<Signed> all;
    if (checkpoint.signatures.empty()) return all;
    const std::string message = message_of(checkpoint);
    for (const std::string& json : checkpoint.signatures) {
        const PublicKey key = key_of(json);
        const auto bytes = from_hex<64>(Json::parse(json, "a signature").get<std::string>("signature"));
        all.push_back({key, is_signed(message, bytes, key)});
    }
    return all;
}

} // namespace ds
