// Values of options that several commands have.

#ifndef QUOIN_SRC_CLI_OPTIONS_H_
#define QUOIN_SRC_CLI_OPTIONS_H_

#include <cstdint>
#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin::cli {

inline constexpr size_t kMinNonceBytes = 8;
inline constexpr size_t kMaxNonceBytes = 64;

// All fail with invalid_argument, with a hint. `option` is named in the error.

// kMinNonceBytes to kMaxNonceBytes bytes in hex.
Result<Bytes> parse_nonce(std::string_view option, std::string_view text);

// Seconds since 1970 (years 1970 to 9999), or RFC 3339 with any offset; fractions are cut off.
Result<UtcTime> parse_time(std::string_view option, std::string_view text);

// A decimal number from `least` to `most`.
Result<uint64_t> parse_number(std::string_view option, std::string_view text, uint64_t least,
                              uint64_t most);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_OPTIONS_H_
