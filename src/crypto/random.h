// Random bytes from OpenSSL's generators (NIST SP 800-90A, seeded by the operating system).

#ifndef QUOIN_SRC_CRYPTO_RANDOM_H_
#define QUOIN_SRC_CRYPTO_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/crypto/secret.h"

namespace quoin {

// Fills `out` with random bytes that others may see: nonces, identifiers, salts. Thread-safe.
// Ends the process when there is no randomness to be had: whatever used the bytes would be
// predictable.
void fill_random(std::span<uint8_t> out);

// The same for bytes that stay secret. They come from a generator of their own, so that what
// others see of the public one says nothing about it.
void fill_random_secret(std::span<uint8_t> out);

// N secret random bytes: a fresh key.
template <size_t N>
Secret<N> random_secret() {
  Secret<N> secret;
  fill_random_secret(secret.mutable_view());
  return secret;
}

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_RANDOM_H_
