// Signatures by Ed25519 (RFC 8032), of keys as OpenSSL keeps them: `openssl genpkey -algorithm ed25519`.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace ds {

using PublicKey = std::array<uint8_t, 32>; // to_hex of base/digest.h prints it
using Signature = std::array<uint8_t, 64>;

class SigningKey {
public:
    /// From PEM text without a passphrase. `source` names it in errors: Error(data) when it is no private Ed25519 key.
    SigningKey(const std::string& pem, const std::string& source);
    PublicKey public_key() const;
    Signature sign(std::string_view message) const;

private:
    std::shared_ptr<void> key_; // EVP_PKEY
};

/// From PEM text: a public key, or a private one, whose public half it is then. Error(data).
PublicKey parse_public_key(const std::string& pem, const std::string& source);

bool is_signed(std::string_view message, const Signature& signature, const PublicKey& key);

} // namespace ds
