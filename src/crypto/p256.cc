#include "src/crypto/p256.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <utility>

#include "src/base/error.h"
#include "src/crypto/openssl_error.h"
#include "src/crypto/openssl_pointer.h"

namespace quoin {
namespace {

constexpr int kIntegerSize = 32;

using Key = OpenSslPointer<EC_KEY, EC_KEY_free>;
using Signature = OpenSslPointer<ECDSA_SIG, ECDSA_SIG_free>;
using Integer = OpenSslPointer<BIGNUM, BN_free>;

// The curve, or null when OpenSSL cannot make it. Made once and never freed: naming the curve again
// for each key would cost a quarter of a verification.
const EC_GROUP* shared_curve() {
  static const EC_GROUP* const curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  return curve;
}

// Null when there is no memory. Whether r and s are in range is for ECDSA_do_verify() to say.
Signature make_signature(const P256Signature& signature) {
  Signature made(ECDSA_SIG_new());
  Integer r(BN_bin2bn(signature.data(), kIntegerSize, nullptr));
  Integer s(BN_bin2bn(signature.data() + kIntegerSize, kIntegerSize, nullptr));
  if (!made || !r || !s) return nullptr;
  // Takes both over; it fails only where one is missing.
  if (ECDSA_SIG_set0(made.get(), r.release(), s.release()) != 1) return nullptr;
  return made;
}

}  // namespace

// Verifying changes nothing in a key, and many threads may do it at once (openssl-threads(7)).
struct P256PublicKey::State {
  Key key;
};

Result<P256PublicKey> P256PublicKey::from_point(const P256Point& point) {
  const ErrorMark mark;
  const EC_GROUP* const curve = shared_curve();
  Key key(EC_KEY_new());
  if (curve == nullptr || !key || EC_KEY_set_group(key.get(), curve) != 1) {
    return crypto_failed("cannot make a P-256 key");
  }
  // SEC 1, section 2.3.4. With this first byte the point at infinity has no encoding, so that
  // being on the curve, whose cofactor is 1, is all there is to check.
  constexpr uint8_t kUncompressed = 0x04;
  ByteArray<1 + std::tuple_size_v<P256Point>> encoded{kUncompressed};
  std::ranges::copy(point, encoded.begin() + 1);
  if (EC_KEY_oct2key(key.get(), encoded.data(), encoded.size(), nullptr) != 1) {
    return malformed("P-256: the point is not on the curve");
  }
  return P256PublicKey(std::make_shared<const State>(State{std::move(key)}));
}

bool P256PublicKey::verify(const Sha256Digest& digest, const P256Signature& signature) const {
  const ErrorMark mark;
  const Signature made = make_signature(signature);
  return made && ECDSA_do_verify(digest.data(), static_cast<int>(digest.size()), made.get(),
                                 state_->key.get()) == 1;
}

bool P256PublicKey::verify(ByteView message, const P256Signature& signature) const {
  return verify(sha256(message), signature);
}

}  // namespace quoin
