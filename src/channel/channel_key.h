// What a ChannelKey holds.

#ifndef QUOIN_SRC_CHANNEL_CHANNEL_KEY_H_
#define QUOIN_SRC_CHANNEL_CHANNEL_KEY_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "quoin/channel.h"
#include "quoin/secret.h"
#include "src/channel/binding.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin {

// OpenSSL wipes a private key when the last reference to it goes. Immutable.
struct ChannelKey::State {
  OpenSslPointer<EVP_PKEY, EVP_PKEY_free> key;
  OpenSslPointer<X509, X509_free> certificate;
  channel::KeyDigest sha256{};
};

// For the rest of this room.
struct ChannelKeyAccess {
  static const ChannelKey::State& state(const ChannelKey& key) { return *key.state_; }
};

namespace channel {

// SHA-256 of a certificate's SubjectPublicKeyInfo as it stands there. Fails with crypto, and with
// refused where it is not a key of P-256.
Result<KeyDigest> key_digest(const X509& certificate);

// The private key as ChannelKey::parse() reads it: PKCS #8, not encrypted. Fails with crypto.
Result<SecretBytes> to_pem(const ChannelKey& key);

}  // namespace channel
}  // namespace quoin

#endif  // QUOIN_SRC_CHANNEL_CHANNEL_KEY_H_
