// Signatures against the test vectors of RFC 8032, section 7.1, and keys that are none.
#include "base/ed25519.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace ds::test {
namespace {

// The PKCS #8 and SubjectPublicKeyInfo forms of test 2's key (RFC 8410): a fixed prefix and the 32 bytes, in base64.
constexpr const char* private_pem =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n-----END PRIVATE "
    "KEY-----\n";
constexpr const char* message = "\x72"; // of test 2
constexpr const char* public_hex = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr const char* signature_hex = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

template <class Bytes>
std::string hex(const Bytes& bytes) {
    std::string out;
    for (uint8_t b : bytes) out += fmt::format("{:02x}", b);
    return out;
}

} // namespace

TEST(Ed25519, IsThatOfRfc8032) {
    const SigningKey key(private_pem, "key");
    EXPECT_EQ(hex(key.public_key()), public_hex);
    EXPECT_EQ(hex(key.sign(message)), signature_hex);
    EXPECT_TRUE(is_signed(message, key.sign(message), key.public_key()));
}

TEST(Ed25519, AnotherMessageKeyOrSignatureDoesNotHold) {
    const SigningKey key(private_pem, "key");
    const Signature good = key.sign(message);
    EXPECT_FALSE(is_signed("\x73", good, key.public_key()));
    EXPECT_FALSE(is_signed("", good, key.public_key()));
    for (size_t i = 0; i < good.size(); ++i) {
        Signature bad = good;
        bad[i] ^= 1;
        EXPECT_FALSE(is_signed(message, bad, key.public_key())) << i;
    }
    PublicKey other = key.public_key();
    other[0] ^= 1;
    EXPECT_FALSE(is_signed(message, good, other));
    EXPECT_FALSE(is_signed(message, good, PublicKey{}));
}

TEST(Ed25519, APrivateKeyHasItsPublicHalf) { EXPECT_EQ(hex(parse_public_key(private_pem, "key")), public_hex); }

TEST(Ed25519, WhatIsNoKeyIsRefused) {
    const std::string p256 =
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAAA\n-----END PUBLIC KEY-----\n";
    for (const std::string& text :
         {std::string(), std::string("nonsense"), p256, std::string(private_pem).substr(0, 60)}) {
        EXPECT_THROW(SigningKey(text, "key"), Error) << text;
        EXPECT_THROW(parse_public_key(text, "key"), Error) << text;
    }
}

} // namespace ds::test
