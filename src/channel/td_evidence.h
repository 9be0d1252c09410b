// What a TD hands over for itself.

#ifndef QUOIN_SRC_CHANNEL_TD_EVIDENCE_H_
#define QUOIN_SRC_CHANNEL_TD_EVIDENCE_H_

#include <string>

#include "quoin/bytes.h"
#include "quoin/channel.h"
#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/td/td.h"

namespace quoin::channel {

// A quote with that report data, and the runtime events that go with it, where some were logged in
// that directory. Who holds that log is not waited for beyond `deadline`; how long the TD is waited
// for, it knows itself. Fails as Td::quote() and RuntimeLog::quote() do.
Result<TdEvidence> td_evidence(td::Td& td, const std::string& log_directory,
                               const ByteArray<td::kReportDataBytes>& report_data,
                               quoin::Deadline deadline);

}  // namespace quoin::channel

#endif  // QUOIN_SRC_CHANNEL_TD_EVIDENCE_H_
