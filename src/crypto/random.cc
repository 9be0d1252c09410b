#include "src/crypto/random.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace quoin {
namespace {

// Whatever strength the generators have: OpenSSL seeds both with 256 bits.
constexpr unsigned kAnyStrength = 0;

}  // namespace

void fill_random(std::span<uint8_t> out) {
  if (RAND_bytes_ex(nullptr, out.data(), out.size(), kAnyStrength) != 1) std::abort();
}

void fill_random_secret(std::span<uint8_t> out) {
  if (RAND_priv_bytes_ex(nullptr, out.data(), out.size(), kAnyStrength) != 1) std::abort();
}

}  // namespace quoin
