// HMAC (RFC 2104, FIPS 198-1).

#ifndef QUOIN_SRC_CRYPTO_HMAC_H_
#define QUOIN_SRC_CRYPTO_HMAC_H_

#include <initializer_list>

#include "quoin/bytes.h"
#include "src/crypto/secret.h"

namespace quoin {

// The code of the parts, one behind the other, under a key of any size. A Secret, since a code that
// somebody sends is compared by equal_in_constant_time() and in no other way. Thread-safe. Ends the
// process when the cryptographic library cannot do it at all.
Secret<32> hmac_sha256(ByteView key, std::initializer_list<ByteView> parts);
Secret<48> hmac_sha384(ByteView key, std::initializer_list<ByteView> parts);

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_HMAC_H_
