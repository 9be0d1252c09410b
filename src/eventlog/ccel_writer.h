// Makes a CCEL, as firmware does: for a simulated TD, and for tests.

#ifndef QUOIN_SRC_EVENTLOG_CCEL_WRITER_H_
#define QUOIN_SRC_EVENTLOG_CCEL_WRITER_H_

#include <span>

#include "quoin/bytes.h"
#include "quoin/eventlog.h"

namespace quoin {

// The log that CcEventLog::parse() reads as these events, without padding. Digests are SHA-384
// only; the Spec ID event is edk2's. Names of runtime events are not written.
Bytes write_ccel(std::span<const CcEvent> events);

// The table that parse_ccel_table() reads as this.
Bytes write_ccel_table(const CcelTable& table);

}  // namespace quoin

#endif  // QUOIN_SRC_EVENTLOG_CCEL_WRITER_H_
