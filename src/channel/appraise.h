// Whether what the peer sent is evidence that we accept, made for this very question.

#ifndef QUOIN_SRC_CHANNEL_APPRAISE_H_
#define QUOIN_SRC_CHANNEL_APPRAISE_H_

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/result.h"
#include "quoin/time.h"

namespace quoin::channel {

// Looks at `appraisal.evidence`, which must carry `report_data`, and writes the verdict and the
// decision beside it. Fails with refused where it is not accepted, as parse_quote() and
// RuntimeEventLog::parse() do, and as the collateral source does.
Result<void> appraise(const ByteArray<64>& report_data, const WantedEvidence& wanted, UtcTime now,
                      PeerAppraisal& appraisal);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_APPRAISE_H_
