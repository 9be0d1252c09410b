// Base64 (RFC 4648, section 4), strict.

#ifndef QUOIN_SRC_BASE_BASE64_H_
#define QUOIN_SRC_BASE_BASE64_H_

#include <string>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// With padding, on one line.
std::string to_base64(ByteView bytes);

// Padding required, no line breaks, no other characters, and the unused bits of the last
// character zero: there is one text for each byte string.
Result<Bytes> from_base64(std::string_view text);

}  // namespace quoin

#endif  // QUOIN_SRC_BASE_BASE64_H_
