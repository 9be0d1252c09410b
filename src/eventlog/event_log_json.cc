#include <string>
#include <utility>

#include "quoin/eventlog.h"
#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/json.h"
#include "src/base/try.h"

namespace quoin {
namespace {

constexpr uint64_t kRtmr3 = 3;
// The one way of making digests that we know. dstack leaves it out where it is this one.
constexpr uint64_t kDigestVersion = 1;
constexpr size_t kMaxEntries = 2 * kMaxRuntimeEvents;
constexpr JsonLimits kLimits = {
    .max_bytes = size_t{4} << 20, .max_depth = 8, .max_values = 400'000};

Error in_entry(size_t index, Error error) {
  error.what = "event log, entry " + std::to_string(index) + ": " + error.what;
  return error;
}

Error in_entry(size_t index, std::string what) {
  return in_entry(index, malformed(std::move(what)));
}

// An entry that was measured into RTMR3.
Result<RuntimeEvent> read_event(const JsonValue& entry) {
  const JsonValue type = TRY(entry.get("event_type"));
  if (TRY(type.unsigned_integer(UINT32_MAX)) != kRuntimeEventType) {
    return malformed("it is in RTMR3, and no runtime event: its event_type is not 134217729");
  }
  if (entry.has("version")) {
    const JsonValue version = TRY(entry.get("version"));
    if (TRY(version.unsigned_integer(UINT32_MAX)) != kDigestVersion) {
      return unsupported("its digest is of another version than 1");
    }
  }
  RuntimeEvent event;
  const JsonValue name = TRY(entry.get("event"));
  event.name = TRY(name.string());
  if (!is_runtime_event_name(event.name)) {
    return malformed("its name is not 1 to 256 letters, digits and ._/-");
  }
  const JsonValue payload = TRY(entry.get("event_payload"));
  const std::string_view payload_hex = TRY(payload.plain_string());
  event.payload = TRY(from_hex(payload_hex));
  return event;
}

// The digest adds nothing to name and payload; where it stands there, it must not say otherwise.
// dstack leaves it out, or empty, where it makes a log shorter.
Result<void> check_digest(const JsonValue& entry, const RuntimeEvent& event) {
  if (!entry.has("digest")) return {};
  const JsonValue member = TRY(entry.get("digest"));
  const std::string_view digest_hex = TRY(member.plain_string());
  if (digest_hex.empty()) return {};
  ByteArray<48> digest{};
  TRY(from_hex(digest_hex, digest));
  if (digest != runtime_event_digest(event)) {
    return malformed("its digest is not that of its name and payload");
  }
  return {};
}

Result<std::vector<RuntimeEvent>> read_entries(const JsonValue& array) {
  const std::vector<JsonValue> entries = TRY(array.elements());
  if (entries.size() > kMaxEntries) return too_large("event log: more than 20000 entries");
  std::vector<RuntimeEvent> events;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Result<JsonValue> imr = entries[i].get("imr");
    if (!imr.ok()) return in_entry(i, imr.error());
    const Result<uint64_t> index = imr->unsigned_integer(kRtmr3);
    if (!index.ok()) return in_entry(i, "its imr is not a number from 0 to 3");
    if (*index != kRtmr3) continue;
    Result<RuntimeEvent> event = read_event(entries[i]);
    if (!event.ok()) return in_entry(i, event.error());
    if (const auto matches = check_digest(entries[i], *event); !matches.ok()) {
      return in_entry(i, matches.error());
    }
    events.push_back(std::move(*event));
  }
  return events;
}

Result<std::vector<RuntimeEvent>> read_array(ByteView json) {
  const JsonDocument document = TRY(JsonDocument::parse(json, kLimits));
  return read_entries(document.root());
}

// What dstack's guest agent answers holds the array as a text; other tools write it as it is.
Result<std::vector<RuntimeEvent>> read_events(ByteView json) {
  const JsonDocument document = TRY(JsonDocument::parse(json, kLimits));
  if (!document.root().is_object()) return read_entries(document.root());
  const JsonValue log = TRY(document.root().get("event_log"));
  if (!log.is_string()) return read_entries(log);
  const std::string text = TRY(log.string());
  return read_array(as_bytes(text));
}

}  // namespace

Result<RuntimeEventLog> RuntimeEventLog::parse(ByteView json) {
  Result<std::vector<RuntimeEvent>> events = read_events(json);
  if (events.ok()) return from_events(std::move(*events));
  // A member that is missing is a fault of the log, not a log that is missing.
  Error error = events.error();
  if (error.code == ErrorCode::not_found) error.code = ErrorCode::malformed;
  if (!error.what.starts_with("event log")) error.what = "event log: " + error.what;
  return error;
}

}  // namespace quoin
