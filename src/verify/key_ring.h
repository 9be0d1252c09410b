// Public keys that several signatures are looked at with.

#ifndef QUOIN_SRC_VERIFY_KEY_RING_H_
#define QUOIN_SRC_VERIFY_KEY_RING_H_

#include <utility>
#include <vector>

#include "src/crypto/p256.h"

namespace quoin {

// Makes each key ready once: that costs a sixth of a verification. For a handful of keys; takes the
// memory of each that it is asked for. Not thread-safe, but for find().
class KeyRing {
 public:
  // Whether the key with that point made `signature` over `message`. False where there is no such
  // key.
  bool verify(const P256Point& point, ByteView message, const P256Signature& signature);

  // The key, where it has been asked for before and is one; else null.
  const P256PublicKey* find(const P256Point& point) const;

 private:
  std::vector<std::pair<P256Point, P256PublicKey>> keys_;
};

}  // namespace quoin

#endif  // QUOIN_SRC_VERIFY_KEY_RING_H_
