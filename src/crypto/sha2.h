// SHA-2 (FIPS 180-4).

#ifndef QUOIN_SRC_CRYPTO_SHA2_H_
#define QUOIN_SRC_CRYPTO_SHA2_H_

#include <initializer_list>
#include <memory>

#include "quoin/bytes.h"

namespace quoin {

using Sha256Digest = ByteArray<32>;
using Sha384Digest = ByteArray<48>;
using Sha512Digest = ByteArray<64>;

// The digest of the parts, one behind the other. Thread-safe. Ends the process when the
// cryptographic library cannot hash at all: there is nothing left to trust then.
Sha256Digest sha256(std::initializer_list<ByteView> parts);
Sha384Digest sha384(std::initializer_list<ByteView> parts);
Sha512Digest sha512(std::initializer_list<ByteView> parts);

inline Sha256Digest sha256(ByteView bytes) { return sha256({bytes}); }
inline Sha384Digest sha384(ByteView bytes) { return sha384({bytes}); }
inline Sha512Digest sha512(ByteView bytes) { return sha512({bytes}); }

// SHA-256 of what arrives in pieces. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(ByteView bytes);

  // The digest of everything so far. The object starts again from nothing.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_SHA2_H_
