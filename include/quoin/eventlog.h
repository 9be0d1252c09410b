// What a TD measured into RTMR3 after it had booted, event by event.

#ifndef QUOIN_EVENTLOG_H_
#define QUOIN_EVENTLOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quoin/bytes.h"
#include "quoin/result.h"

namespace quoin {

// The type that every runtime event has.
inline constexpr uint32_t kRuntimeEventType = 0x08000001;
// Names of events that a guest program chose begin so.
inline constexpr std::string_view kGuestEventPrefix = "guest/";

inline constexpr size_t kMaxRuntimeEvents = 10'000;
inline constexpr size_t kMaxRuntimeEventNameBytes = 256;
inline constexpr size_t kMaxRuntimeEventPayloadBytes = size_t{64} << 10;

struct RuntimeEvent {
  std::string name;
  Bytes payload;

  // Whether a guest program chose the name.
  bool is_guests() const { return name.starts_with(kGuestEventPrefix); }
};

// Whether an event can have that name: 1 to kMaxRuntimeEventNameBytes letters, digits and "._/-".
// No colon, so that name and payload cannot be shifted against each other in the digest.
bool is_runtime_event_name(std::string_view name);

// SHA-384(kRuntimeEventType as u32 little-endian, ":", name, ":", payload): what RTMR3 is extended
// with (Dstack-TEE/dstack, cc-eventlog/src/runtime_events.rs, version 1).
ByteArray<48> runtime_event_digest(const RuntimeEvent& event);

// The runtime events of one TD, in order, and the RTMR3 that they give. Whether they are the events
// of a certain TD is for its quote to say: its rtmr3 must be replayed_rtmr3(). Immutable, so safe
// to share between threads.
class RuntimeEventLog {
 public:
  // No events: RTMR3 as it is at boot.
  RuntimeEventLog() = default;

  // Fails with invalid_argument for a name that an event cannot have, and with too_large over one
  // of the limits above.
  static Result<RuntimeEventLog> from_events(std::vector<RuntimeEvent> events);

  // Reads an event log in the JSON of dstack's tools, docs/formats.md: an array of {imr,
  // event_type, digest, event, event_payload}, or an object whose member "event_log" is one, or is
  // the text of one. Of the entries only those with imr 3 count; the others are not looked at. An
  // entry in RTMR3 that is no runtime event, or of which the digest is another, is an error:
  // nothing that was measured is left out. Fails with malformed, unsupported (a digest of another
  // version), or too_large (over 4 MiB, and as from_events() does).
  static Result<RuntimeEventLog> parse(ByteView json);

  const std::vector<RuntimeEvent>& events() const { return events_; }
  const ByteArray<48>& replayed_rtmr3() const { return rtmr3_; }

 private:
  std::vector<RuntimeEvent> events_;
  ByteArray<48> rtmr3_{};
};

}  // namespace quoin

#endif  // QUOIN_EVENTLOG_H_
