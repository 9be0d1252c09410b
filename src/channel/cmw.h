// Evidence as a Conceptual Message Wrapper (RFC 9999).

#ifndef QUOIN_SRC_CHANNEL_CMW_H_
#define QUOIN_SRC_CHANNEL_CMW_H_

#include <string_view>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/result.h"

namespace quoin::channel {

// What the value of our records is: the CBOR array [quote: bstr, event_log: bstr].
inline constexpr std::string_view kEvidenceMediaType = "application/vnd.quoin.tdx-evidence+cbor";

// A CMW record in CBOR (RFC 9999, section 3.1): [type: tstr, value: bstr, ind: uint], where type is
// kEvidenceMediaType and ind has the one bit that says Evidence. One encoding for each evidence:
// lengths in their shortest form (RFC 8949, section 4.2.1).
Bytes write_cmw(const TdEvidence& evidence);

// Reads what write_cmw() writes, and nothing else: a record of another type is unsupported, and
// everything else malformed, truncated, or trailing_bytes.
Result<TdEvidence> parse_cmw(ByteView bytes);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_CMW_H_
