// Hexadecimal, strict.

#ifndef QUOIN_SRC_BASE_HEX_H_
#define QUOIN_SRC_BASE_HEX_H_

#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// Two lower-case digits a byte.
std::string to_hex(ByteView bytes);

// Digits of either case, an even number of them, and nothing else: no blanks, no "0x".
Result<Bytes> from_hex(std::string_view text);

// Exactly 2 * out.size() digits into `out`, which on failure is left as it was.
Result<void> from_hex(std::string_view text, std::span<uint8_t> out);

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_HEX_H_
