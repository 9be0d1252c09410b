#include "src/channel/channel_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "src/base/error.h"
#include "src/base/try.h"
#include "src/crypto/openssl_error.h"
#include "src/crypto/sha2.h"

namespace quoin {
namespace channel {
namespace {

constexpr size_t kMaxPemBytes = size_t{64} << 10;

// Nobody is asked for a passphrase: an encrypted key is not understood.
int no_passphrase(char*, int, int, void*) { return -1; }

bool is_p256(const EVP_PKEY& key) {
  std::array<char, 32> group{};
  size_t size = 0;
  return EVP_PKEY_is_a(&key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                        group.size(), &size) == 1 &&
         std::string_view(group.data(), size) == "prime256v1";
}

// Names and dates are what a certificate must have (RFC 5280, section 4.1); nobody looks at them.
// The date of its end is the one that says that there is none (section 4.1.2.5).
bool fill_in(X509& certificate, EVP_PKEY& key) {
  constexpr std::string_view kName = "quoin";
  X509_NAME* const name = X509_get_subject_name(&certificate);
  return X509_set_version(&certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set(X509_get_serialNumber(&certificate), 1) == 1 &&
         X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, as_bytes(kName).data(),
                                    static_cast<int>(kName.size()), -1, 0) == 1 &&
         X509_set_issuer_name(&certificate, name) == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notBefore(&certificate), "20000101000000Z") == 1 &&
         ASN1_TIME_set_string_X509(X509_getm_notAfter(&certificate), "99991231235959Z") == 1 &&
         X509_set_pubkey(&certificate, &key) == 1 &&
         X509_sign(&certificate, &key, EVP_sha256()) > 0;
}

Result<ChannelKey::State> with_certificate(OpenSslPointer<EVP_PKEY, EVP_PKEY_free> key) {
  OpenSslPointer<X509, X509_free> certificate(X509_new());
  if (!certificate || !fill_in(*certificate, *key)) {
    return crypto_failed("cannot make a certificate");
  }
  const KeyDigest digest = TRY(key_digest(*certificate));
  return ChannelKey::State{
      .key = std::move(key), .certificate = std::move(certificate), .sha256 = digest};
}

}  // namespace

Result<KeyDigest> key_digest(const X509& certificate) {
  const ErrorMark mark;
  const EVP_PKEY* const key = X509_get0_pubkey(&certificate);
  if (key == nullptr || !is_p256(*key)) {
    return Error{ErrorCode::refused, "attested TLS: a key that is not of P-256"};
  }
  uint8_t* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &encoded);
  if (size <= 0) return crypto_failed("cannot write a key");
  const KeyDigest digest = sha256(ByteView(encoded, static_cast<size_t>(size)));
  OPENSSL_free(encoded);
  return digest;
}

Result<SecretBytes> to_pem(const ChannelKey& key) {
  const ErrorMark mark;
  // Such a BIO wipes its memory when it is freed.
  const OpenSslPointer<BIO, BIO_free_all> out(BIO_new(BIO_s_secmem()));
  if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), ChannelKeyAccess::state(key).key.get(),
                                            nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return crypto_failed("cannot write a key");
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  if (size <= 0) return crypto_failed("cannot write a key");
  SecretBytes pem(static_cast<size_t>(size));
  std::ranges::copy(as_bytes(std::string_view(text, pem.size())), pem.mutable_view().begin());
  return pem;
}

}  // namespace channel

Result<ChannelKey> ChannelKey::generate() {
  const ErrorMark mark;
  OpenSslPointer<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  if (!key) return crypto_failed("cannot make a key");
  State state = TRY(channel::with_certificate(std::move(key)));
  return ChannelKey(std::make_shared<const State>(std::move(state)));
}

Result<ChannelKey> ChannelKey::parse(ByteView pem) {
  const ErrorMark mark;
  if (pem.empty()) return malformed("not a private key in PEM: it is empty");
  if (pem.size() > channel::kMaxPemBytes) return too_large("a private key in PEM");
  const OpenSslPointer<BIO, BIO_free_all> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!in) return crypto_failed("no memory");
  OpenSslPointer<EVP_PKEY, EVP_PKEY_free> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, channel::no_passphrase, nullptr));
  if (!key) return malformed("not a private key in PEM without a passphrase");
  if (!channel::is_p256(*key)) return unsupported("a private key that is not of P-256");
  State state = TRY(channel::with_certificate(std::move(key)));
  return ChannelKey(std::make_shared<const State>(std::move(state)));
}

const ByteArray<32>& ChannelKey::sha256() const { return state_->sha256; }

}  // namespace quoin
