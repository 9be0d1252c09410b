#include <algorithm>
#include <array>

#include "quoin/eventlog.h"
#include "src/base/error.h"
#include "src/crypto/sha2.h"

namespace quoin {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '/' || c == '-';
}

}  // namespace

// Ours are lower-case; dstack lets applications choose, and they use capitals.
bool is_runtime_event_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxRuntimeEventNameBytes &&
         std::ranges::all_of(name, is_name_character);
}

ByteArray<48> runtime_event_digest(const RuntimeEvent& event) {
  constexpr std::array<uint8_t, 5> kTypeAndColon = {
      kRuntimeEventType & 0xff,
      (kRuntimeEventType >> 8) & 0xff,
      (kRuntimeEventType >> 16) & 0xff,
      (kRuntimeEventType >> 24) & 0xff,
      ':',
  };
  return sha384({kTypeAndColon, as_bytes(event.name), as_bytes(":"), event.payload});
}

Result<RuntimeEventLog> RuntimeEventLog::from_events(std::vector<RuntimeEvent> events) {
  if (events.size() > kMaxRuntimeEvents) return too_large("event log: more than 10000 events");
  RuntimeEventLog log;
  for (const RuntimeEvent& event : events) {
    if (!is_runtime_event_name(event.name)) {
      return Error{ErrorCode::invalid_argument,
                   "event log: a runtime event's name is not 1 to 256 letters, digits and ._/-"};
    }
    if (event.payload.size() > kMaxRuntimeEventPayloadBytes) {
      return too_large("event log: a runtime event's payload has more than 64 KiB");
    }
    // TDG.MR.RTMR.EXTEND: the old value, and behind it the digest.
    log.rtmr3_ = sha384({log.rtmr3_, runtime_event_digest(event)});
  }
  log.events_ = std::move(events);
  return log;
}

}  // namespace quoin
