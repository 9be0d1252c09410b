// How keys come from a root secret.

#ifndef QUOIN_SRC_SEAL_DERIVATION_H_
#define QUOIN_SRC_SEAL_DERIVATION_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/seal.h"

namespace quoin {

// The purpose of the keys that data is sealed with. Nobody can ask derive_key() for it.
inline constexpr KeyPurpose kSealingPurpose{1};

// HKDF's info (docs/formats.md, "Derivation"): every field with its length in front, so that no two
// derivations have the same. Fields must be as check_derivation() wants them.
Bytes derivation_info(const RootSecret& root, KeyPurpose purpose, const KeyContext& context,
                      size_t key_size);

// Refuses what is not to be derived from, or for: a secret of zeros, which no source gives, and
// fields that are missing or too long. Fails with invalid_argument.
Result<void> check_derivation(const RootSecret& root, const KeyContext& context);

// Fills `out`, of any size that HKDF gives. Fails as check_derivation() and with crypto; `out` is
// then zero.
Result<void> derive(const RootSecret& root, KeyPurpose purpose, const KeyContext& context,
                    ByteView salt, std::span<uint8_t> out);

}  // namespace quoin

#endif  // QUOIN_SRC_SEAL_DERIVATION_H_
