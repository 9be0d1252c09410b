// The broker that this TD's MRCONFIGID pins.

#ifndef QUOIN_SRC_CLI_BROKER_PIN_H_
#define QUOIN_SRC_CLI_BROKER_PIN_H_

#include <string_view>

#include "quoin/bytes.h"
#include "quoin/result.h"
#include "src/td/td.h"

namespace quoin::cli {

// What stands for the pin in place of its digits.
inline constexpr std::string_view kPinInMrConfigId = "mr_config_id";

// The SHA-256 of a broker's key that the TD was started with: the first 32 bytes of its MRCONFIGID,
// by a TDREPORT of now, behind which 16 bytes are zero. The host that starts a TD chooses
// MRCONFIGID, and every quote says it: it is as good as whoever looks at it there
// (docs/key-broker.md). Fails with refused where MRCONFIGID is zero or something else stands behind
// the digest, and as Td::report() and parse_td_report() do.
Result<ByteArray<32>> broker_pin(td::Td& td);

}  // namespace quoin::cli

#endif  // QUOIN_SRC_CLI_BROKER_PIN_H_
