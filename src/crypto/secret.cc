#include "src/crypto/secret.h"

#include <openssl/crypto.h>
#include <string.h>

namespace quoin {

// Not OPENSSL_cleanse(), which writes eight bytes at a time: large plaintexts would be opened at
// four fifths of the speed.
void wipe(std::span<uint8_t> bytes) {
  // No bytes may have no address, which explicit_bzero() must not be given.
  if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace quoin
