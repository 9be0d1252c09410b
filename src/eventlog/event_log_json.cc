#include "src/eventlog/event_log_json.h"

#include <string>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/base/hex.h"
#include "src/base/try.h"

namespace quoin {
namespace {

constexpr uint64_t kRtmr3 = 3;
// The one way of making digests that we know. dstack leaves it out where it is this one.
constexpr uint64_t kDigestVersion = 1;
constexpr size_t kMaxEntries = 20'000;
constexpr JsonLimits kLimits = {
    .max_bytes = kMaxCcEventLogBytes, .max_depth = 8, .max_values = 400'000};

Error in_entry(size_t index, Error error) {
  error.what = "event log, entry " + std::to_string(index) + ": " + error.what;
  return error;
}

Result<void> read_entries(const JsonValue& array, const EntryReader& read) {
  const std::vector<JsonValue> entries = TRY(array.elements());
  if (entries.size() > kMaxEntries) return too_large("event log: more than 20000 entries");
  for (size_t i = 0; i < entries.size(); ++i) {
    const Result<JsonValue> imr = entries[i].get("imr");
    if (!imr.ok()) return in_entry(i, imr.error());
    const Result<uint64_t> rtmr = imr->unsigned_integer(kRtmrCount - 1);
    if (!rtmr.ok()) return in_entry(i, malformed("its imr is not a number from 0 to 3"));
    if (const Result<void> done = read(entries[i], *rtmr); !done.ok()) {
      return in_entry(i, done.error());
    }
  }
  return {};
}

Result<void> read_array(ByteView json, const EntryReader& read) {
  const JsonDocument document = TRY(JsonDocument::parse(json, kLimits));
  return read_entries(document.root(), read);
}

// What dstack's guest agent answers holds the array as a text; other tools write it as it is.
Result<void> read_log(ByteView json, const EntryReader& read) {
  const JsonDocument document = TRY(JsonDocument::parse(json, kLimits));
  if (!document.root().is_object()) return read_entries(document.root(), read);
  const JsonValue log = TRY(document.root().get("event_log"));
  if (!log.is_string()) return read_entries(log, read);
  const std::string text = TRY(log.string());
  return read_array(as_bytes(text), read);
}

Result<uint64_t> type_of(const JsonValue& entry) {
  const JsonValue type = TRY(entry.get("event_type"));
  return type.unsigned_integer(UINT32_MAX);
}

// An event that was measured into RTMR3.
Result<RuntimeEvent> read_rtmr3_event(const JsonValue& entry) {
  if (TRY(type_of(entry)) != kRuntimeEventType) {
    return malformed("it is in RTMR3, and no runtime event: its event_type is not 134217729");
  }
  return read_runtime_event(entry);
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

// Bytes in hex; none where the member is missing.
Result<Bytes> optional_hex(const JsonValue& entry, std::string_view name) {
  if (!entry.has(name)) return Bytes();
  const JsonValue member = TRY(entry.get(name));
  const std::string_view digits = TRY(member.plain_string());
  return from_hex(digits);
}

// An event of any register. What firmware and kernel measured cannot be computed from the entry:
// its digest must be there.
Result<CcEvent> read_cc_event(const JsonValue& entry, size_t rtmr) {
  CcEvent event;
  event.mr_index = static_cast<uint32_t>(rtmr) + 1;
  event.type = static_cast<uint32_t>(TRY(type_of(entry)));
  if (event.type == kRuntimeEventType) {
    RuntimeEvent runtime = TRY(read_runtime_event(entry));
    event.digest = runtime_event_digest(runtime);
    event.name = std::move(runtime.name);
    event.data = std::move(runtime.payload);
    return event;
  }
  const JsonValue digest = TRY(entry.get("digest"));
  const std::string_view digest_hex = TRY(digest.plain_string());
  TRY(from_hex(digest_hex, event.digest));
  event.data = TRY(optional_hex(entry, "event_payload"));
  return event;
}

}  // namespace

Result<RuntimeEvent> read_runtime_event(const JsonValue& entry) {
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
  TRY(check_digest(entry, event));
  return event;
}

Result<void> read_event_log_json(ByteView json, const EntryReader& read) {
  Result<void> done = read_log(json, read);
  if (done.ok()) return done;
  // A member that is missing is a fault of the log, not a log that is missing.
  Error error = std::move(done).error();
  if (error.code == ErrorCode::not_found) error.code = ErrorCode::malformed;
  if (!error.what.starts_with("event log")) error.what = "event log: " + error.what;
  return error;
}

Result<RuntimeEventLog> RuntimeEventLog::parse(ByteView json) {
  std::vector<RuntimeEvent> events;
  const auto keep = [&events](const JsonValue& entry, size_t rtmr) -> Result<void> {
    if (rtmr == kRtmr3) events.push_back(TRY(read_rtmr3_event(entry)));
    return {};
  };
  TRY(read_event_log_json(json, keep));
  return from_events(std::move(events));
}

Result<CcEventLog> CcEventLog::parse_json(ByteView json) {
  std::vector<CcEvent> events;
  const auto keep = [&events](const JsonValue& entry, size_t rtmr) -> Result<void> {
    events.push_back(TRY(read_cc_event(entry, rtmr)));
    return {};
  };
  TRY(read_event_log_json(json, keep));
  return from_events(std::move(events));
}

}  // namespace quoin
