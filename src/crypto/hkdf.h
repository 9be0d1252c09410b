// HKDF (RFC 5869), extraction and expansion in one.

#ifndef QUOIN_SRC_CRYPTO_HKDF_H_
#define QUOIN_SRC_CRYPTO_HKDF_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// What keys are derived from, in the words of RFC 5869, section 2. Borrows its parts.
struct HkdfInput {
  ByteView key;   // IKM: secret, and not empty
  ByteView salt;  // not secret; may be empty
  ByteView info;  // what the key is for; may be empty
};

// Section 2.3: L <= 255 * HashLen.
inline constexpr size_t kMaxHkdfSha256Bytes = size_t{255} * 32;
inline constexpr size_t kMaxHkdfSha384Bytes = size_t{255} * 48;

// Fills `out`, 1 to kMax... bytes, with what HKDF gives for that size. Fails with invalid_argument
// for another size or an empty key, and with crypto; `out` is then zero. Thread-safe.
Result<void> hkdf_sha256(const HkdfInput& input, std::span<uint8_t> out);
Result<void> hkdf_sha384(const HkdfInput& input, std::span<uint8_t> out);

}  // namespace quoin

#endif  // QUOIN_SRC_CRYPTO_HKDF_H_
