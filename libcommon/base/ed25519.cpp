// OpenSSL is confined to this file and digest.cpp.
#include "base/ed25519.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/error.h"

namespace ds {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

/// Nobody is asked for a passphrase.
int no_passphrase(char*, int, int, void*) { return -1; }

using Reader = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

Key read_pem(const std::string& pem, Reader read) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), int(pem.size())), BIO_free);
    Key key(bio ? read(bio.get(), nullptr, no_passphrase, nullptr) : nullptr, EVP_PKEY_free);
    ERR_clear_error(); // what went wrong is told by the caller
    return key;
}

bool is_ed25519(const Key& key) { return key && EVP_PKEY_id(key.get()) == EVP_PKEY_ED25519; }

PublicKey public_half(const EVP_PKEY* key) {
    PublicKey bytes{};
    size_t length = bytes.size();
    if (EVP_PKEY_get_raw_public_key(key, bytes.data(), &length) != 1 || length != bytes.size())
        bug("an Ed25519 key without a public half");
    return bytes;
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

} // namespace

SigningKey::SigningKey(const std::string& pem, const std::string& source) {
    Key key = read_pem(pem, PEM_read_bio_PrivateKey);
    if (pem.find("ENCRYPTED") != pem.npos && !key)
        fail(Exit::data, "{}: the key has a passphrase; give it without one: openssl pkey -in {}", source, source);
    if (!is_ed25519(key))
        fail(Exit::data, "{}: not a private Ed25519 key; openssl genpkey -algorithm ed25519 makes one", source);
    key_ = std::shared_ptr<void>(key.release(), [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); });
}

PublicKey SigningKey::public_key() const { return public_half(static_cast<const EVP_PKEY*>(key_.get())); }

Signature SigningKey::sign(std::string_view message) const {
    const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    Signature signature{};
    size_t length = signature.size();
    const bool done =
        context &&
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, static_cast<EVP_PKEY*>(key_.get())) == 1 &&
        EVP_DigestSign(context.get(), signature.data(), &length, bytes_of(message), message.size()) == 1;
    if (!done || length != signature.size()) bug("OpenSSL does not sign");
    return signature;
}

PublicKey parse_public_key(const std::string& pem, const std::string& source) {
    Key key = read_pem(pem, PEM_read_bio_PUBKEY);
    if (!key) key = read_pem(pem, PEM_read_bio_PrivateKey);
    if (!is_ed25519(key))
        fail(Exit::data, "{}: not an Ed25519 key; openssl pkey -in KEY.pem -pubout writes the public half of one",
             source);
    return public_half(key.get());
}

bool is_signed(std::string_view message, const Signature& signature, const PublicKey& bytes) {
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes.data(), bytes.size()), EVP_PKEY_free);
    const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const bool holds =
        key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(message), message.size()) == 1;
    ERR_clear_error();
    return holds;
}

} // namespace ds
