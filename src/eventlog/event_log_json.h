// The JSON that event logs of dstack's tools are written in (docs/formats.md).

#ifndef QUOIN_SRC_EVENTLOG_EVENT_LOG_JSON_H_
#define QUOIN_SRC_EVENTLOG_EVENT_LOG_JSON_H_

#include <cstddef>
#include <functional>

#include "quoin/bytes.h"
#include "quoin/eventlog.h"
#include "quoin/result.h"
#include "src/base/json.h"

namespace quoin {

// What is done with an entry of RTMR `rtmr`, 0 to 3. The value is valid for as long as it runs.
using EntryReader = std::function<Result<void>(const JsonValue& entry, size_t rtmr)>;

// Calls `read` with each entry of the log, in order, until it fails. Its errors come back with the
// entry's number, and where a member was not found, as malformed. Fails besides with malformed or
// too_large (over 4 MiB, or 20000 entries).
Result<void> read_event_log_json(ByteView json, const EntryReader& read);

// An entry of type kRuntimeEventType. Its digest, if it has one, must be that of name and payload.
// Fails with malformed, not_found, or unsupported (a digest of another version).
Result<RuntimeEvent> read_runtime_event(const JsonValue& entry);

}  // namespace quoin

#endif  // QUOIN_SRC_EVENTLOG_EVENT_LOG_JSON_H_
