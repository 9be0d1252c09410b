// What is done with secrets besides keeping them (quoin/secret.h).

#ifndef QUOIN_SRC_CRYPTO_SECRET_H_
#define QUOIN_SRC_CRYPTO_SECRET_H_

#include "quoin/bytes.h"
#include "quoin/secret.h"

namespace quoin {

// Whether two byte strings are equal, in a time that depends only on their sizes.
bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_SECRET_H_
