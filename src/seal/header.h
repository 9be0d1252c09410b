// The header of sealed data (docs/formats.md, "Sealed data"): writing and reading.

#ifndef QUOIN_SRC_SEAL_HEADER_H_
#define QUOIN_SRC_SEAL_HEADER_H_

#include <cstddef>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/seal.h"

namespace quoin {

// What every header begins with: the magic, the version, and the size of what follows.
inline constexpr std::string_view kSealMagic = "QUOINSLD";
inline constexpr size_t kSealPrefixBytes = kSealMagic.size() + 2 + 2;

// The header for data that is sealed so. Fields must be as check_derivation() wants them.
Bytes write_sealed_header(const RootSecret& root, const KeyContext& context, const SealSalt& salt);

// How large the header is of which these are the first kSealPrefixBytes bytes: at most
// kMaxSealedHeaderBytes. Fails with malformed, unsupported (another version), or too_large.
Result<size_t> sealed_header_size(ByteView prefix);

// Whether data with that header can open under this root and context. What it says there is a
// mistake in words; the key and the tags do not need it. Fails with refused.
Result<void> check_header(const SealedHeader& header, const RootSecret& root,
                          const KeyContext& context);

}  // namespace quoin

#endif  // QUOIN_SRC_SEAL_HEADER_H_
