// ECDSA over P-256 with SHA-256 (FIPS 186-5), in the raw encodings that quotes use.

#ifndef QUOIN_SRC_CRYPTO_P256_H_
#define QUOIN_SRC_CRYPTO_P256_H_

#include <memory>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/crypto/sha2.h"

namespace quoin {

// X || Y, 32 bytes each, big-endian.
using P256Point = ByteArray<64>;
// r || s, 32 bytes each, big-endian.
using P256Signature = ByteArray<64>;

// A public key on the curve. Immutable, safe to share between threads, cheap to copy.
class P256PublicKey {
 public:
  // Fails with ErrorCode::malformed when the point is not on the curve.
  static Result<P256PublicKey> from_point(const P256Point& point);

  // Whether `signature` is this key's over a message with that digest. False for anything else:
  // r or s zero or not below the order, or the library failing.
  bool verify(const Sha256Digest& digest, const P256Signature& signature) const;

  // The same over a message.
  bool verify(ByteView message, const P256Signature& signature) const;

 private:
  struct State;
  explicit P256PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_P256_H_
