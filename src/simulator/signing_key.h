// P-256 keys that sign: those of the simulator's certificate authorities, PCK and attestation.

#ifndef QUOIN_SRC_SIMULATOR_SIGNING_KEY_H_
#define QUOIN_SRC_SIMULATOR_SIGNING_KEY_H_

#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/crypto/p256.h"
#include "src/crypto/secret.h"
#include "src/simulator/derive.h"

namespace quoin::simulator {

// A private key of P-256 that signs with SHA-256, deterministically (RFC 6979): the same key and
// message give the same signature, so that the same seed gives the same bytes.
//
// NOT constant time. The simulator's keys protect nothing: whoever has the seed may have them, and
// nobody trusts them. Ends the process when the cryptographic library fails.
class SigningKey {
 public:
  // The key of that label: the first block of the seed for it that is a scalar of the group.
  static SigningKey derive(const Seed& seed, std::string_view label);

  // Fails with invalid_argument when the scalar (big-endian) is zero or not below the order.
  static Result<SigningKey> from_scalar(ByteView scalar);

  const P256Point& public_key() const { return public_key_; }

  P256Signature sign(ByteView message) const;

 private:
  SigningKey() = default;

  Secret<32> scalar_;
  P256Point public_key_{};
};

}  // namespace quoin::simulator

#endif  // QUOIN_SRC_SIMULATOR_SIGNING_KEY_H_
