// What a TD measured, event by event: its boot into RTMR0 to RTMR2, and what its services did
// afterwards into RTMR3.

#ifndef QUOIN_EVENTLOG_H_
#define QUOIN_EVENTLOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
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

// ----- The whole log: what firmware, boot loader and kernel measured -----

inline constexpr size_t kRtmrCount = 4;
// RTMR0 to RTMR3.
using Rtmrs = std::array<ByteArray<48>, kRtmrCount>;

inline constexpr size_t kMaxCcEventLogBytes = size_t{4} << 20;
inline constexpr size_t kMaxCcEvents = 20'000;
inline constexpr size_t kMaxCcEventDataBytes = size_t{1} << 20;

// EV_NO_ACTION, the type of events that say something and were not measured.
inline constexpr uint32_t kNoActionEventType = 0x00000003;

// An event of a TD's log. Owns what it holds.
struct CcEvent {
  // UEFI's (2.10, 38.4.1): 0 is MRTD, which nothing extends; 1 to 4 are RTMR0 to RTMR3.
  uint32_t mr_index = 0;
  // TCG's, see event_type_name(). Neither type nor data are measured by themselves: the register
  // vouches for the digest alone. data_is_measured() says whether the digest vouches for the data.
  uint32_t type = 0;
  ByteArray<48> digest{};  // SHA-384
  std::string name;        // of a runtime event; else empty
  Bytes data;

  // Whether a register was extended with the digest.
  bool is_extended() const { return type != kNoActionEventType; }
  bool operator==(const CcEvent&) const = default;
};

// A TD's event log, in order, and the registers that it gives. Whether it is a certain TD's is for
// its quote to say, whose RTMRs must be these. Immutable, so safe to share between threads.
class CcEventLog {
 public:
  // No events: the registers as they are when a TD is made.
  CcEventLog() = default;

  // Fails with malformed for an event of a register that there is not or that nothing extends, and
  // with too_large over kMaxCcEvents, or kMaxCcEventDataBytes of one event.
  static Result<CcEventLog> from_events(std::vector<CcEvent> events);

  // Reads a log as firmware leaves it behind (/sys/firmware/acpi/tables/data/CCEL): TCG's
  // crypto-agile format (TCG PC Client Platform Firmware Profile 1.06, 10.2). A TCG_PCR_EVENT with
  // the Spec ID ("Spec ID Event03"), which is checked and not kept, and TCG_PCR_EVENT2s up to the
  // end or to padding, all bytes 0xFF or all 0x00. Each event has digests of algorithms that the
  // Spec ID names, each at most once, and one of SHA-384; others are passed over. Where a log is
  // cut off between two events nothing tells but the registers. Fails with malformed, truncated (it
  // ends within an event), unsupported (another version, no SHA-384), or too_large (over
  // kMaxCcEventLogBytes, and as from_events() does).
  static Result<CcEventLog> parse(ByteView log);

  // Reads the JSON that RuntimeEventLog::parse() reads, with the entries of all registers. One of
  // type kRuntimeEventType must be a runtime event as there; any other must have a digest, which is
  // believed. Fails as RuntimeEventLog::parse() and from_events() do.
  static Result<CcEventLog> parse_json(ByteView json);

  const std::vector<CcEvent>& events() const { return events_; }
  const Rtmrs& replayed_rtmrs() const { return rtmrs_; }
  // Whether an event extends RTMR `rtmr`. False for one that there is not.
  bool extends(size_t rtmr) const;

 private:
  std::vector<CcEvent> events_;
  Rtmrs rtmrs_{};
};

// TCG's name of an event type ("EV_SEPARATOR"; TCG PC Client Platform Firmware Profile 1.06,
// 10.4.1), "RUNTIME_EVENT" for kRuntimeEventType, and nothing for a type that we do not know.
std::string_view event_type_name(uint32_t type);

// Whether an event's digest is of its data.
enum class DataMeasured : uint8_t {
  yes,           // the digest is the SHA-384 of what events of this type have measured
  no,            // it is not: the data is not what was measured, whatever it says
  not_in_event,  // what was measured is not in the event, so its data is a remark of its writer's
};
DataMeasured data_is_measured(const CcEvent& event);

inline constexpr size_t kMaxEventDescriptionBytes = 256;
// What an event's data says, in at most kMaxEventDescriptionBytes of printable ASCII, in which a
// backslash stands for itself only when doubled. Data of a form that we do not know is in hex.
std::string describe_event(const CcEvent& event);

// UEFI_VARIABLE_DATA: a variable of the firmware, as events hold it.
struct UefiVariable {
  ByteArray<16> vendor_guid{};  // as it is stored
  std::string name;             // UTF-8
  ByteView data;                // of the bytes that were read
};

// Reads what EV_EFI_VARIABLE_* events hold (TCG PC Client Platform Firmware Profile 1.06, 10.4.2).
// Fails with truncated, trailing_bytes, or malformed (the name is not UTF-16).
Result<UefiVariable> parse_uefi_variable(ByteView event_data);

// A GUID as it is stored (RFC 9562's fields, the first three little-endian) in its usual form:
// "8be4df61-93ca-11d2-aa0d-00e098032b8c".
std::string guid_text(const ByteArray<16>& guid);

enum class SecureBoot : uint8_t {
  on,
  off,
  not_logged,  // no such event
  not_known,   // there are events that contradict each other, or are not to be believed
};

// What the firmware measured of its Secure Boot variables. True of a TD only when the log's RTMR0
// is that of its quote. "On" says that something was checked under the keys in `db`, not what.
struct SecureBootLog {
  SecureBoot state = SecureBoot::not_known;
  // Signature lists as they were measured, views of the log's events; none where the variable was
  // not logged, or the state is not_known. Empty where it had no contents.
  std::optional<ByteView> pk;
  std::optional<ByteView> kek;
  std::optional<ByteView> db;
  std::optional<ByteView> dbx;
};

// Finds it in the EV_EFI_VARIABLE_DRIVER_CONFIG events of RTMR0 that stand before the first
// separator: the guest can extend RTMR0 too, but not before its firmware has. Not known is all, as
// soon as one such event, wherever it stands, has data that was not measured or cannot be read, or
// a Secure Boot variable is measured twice and not the same, or behind the separator only, or an
// event of another type has the digest of the variable that says off.
SecureBootLog secure_boot_from_log(const CcEventLog& log);

// The ACPI table CCEL (ACPI 6.5, 5.2.34), which says where the log is.
struct CcelTable {
  uint64_t log_area_bytes = 0;    // LAML: of the area, which the log need not fill
  uint64_t log_area_address = 0;  // LASA: guest physical

  // Whether a log area of that size is what the table speaks of. Fails with malformed.
  Result<void> check_area(ByteView log_area) const;
};

// Reads the table. Fails with truncated, trailing_bytes, malformed (signature, length, checksum, an
// area that there cannot be), or unsupported (not of TDX).
Result<CcelTable> parse_ccel_table(ByteView table);

}  // namespace quoin

#endif  // QUOIN_EVENTLOG_H_
