// The log of runtime events: what was measured into RTMR3 since the TD booted, never an event twice
// or lost, whoever is killed when.

#ifndef QUOIN_SRC_TD_RUNTIME_LOG_H_
#define QUOIN_SRC_TD_RUNTIME_LOG_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "quoin/eventlog.h"
#include "quoin/result.h"
#include "src/os/deadline.h"
#include "src/td/td.h"

namespace quoin::td {

struct RuntimeLogOptions {
  // Where the log is. Made with mode 0700 when missing; must be ours, and nobody else's to read or
  // write. RTMR3 lives as long as a boot: a directory that is empty after each boot (/run) will do.
  std::string directory = {};
  // How long a call waits for others, and when none does any more.
  std::chrono::milliseconds lock_timeout = std::chrono::seconds(30);
  Deadline deadline = Deadline::max();
  // Called before each step that changes something, with its name: so that a test can kill the
  // process there. Empty: nothing.
  std::function<void(std::string_view step)> before_step = {};
};

struct ExplainedQuote {
  Bytes quote;
  RuntimeEventLog events;
};

// Write-ahead: an event is appended to the log, RTMR3 is extended, and the event is marked as done;
// all under one lock, which processes and threads share. Each call first compares the register with
// what the log replays to. An event that is not marked was cut short by a kill: the register says
// whether it had been extended, and it is extended now if not. When the register is neither what
// stands before nor what stands behind that event, somebody else has extended it (or the log is
// another TD's), and every call fails with refused: RTMR3 could not be explained to anybody.
//
// The log belongs to one boot (Td::boot_id()). After another boot it begins anew, and the old one
// is kept beside it as "previous".
//
// Borrows the Td. Thread-safe.
class RuntimeLog {
 public:
  RuntimeLog(Td& td, RuntimeLogOptions options) : td_(td), options_(std::move(options)) {}

  // Measures the event, unless one of the same name and payload has been measured in this boot:
  // then nothing happens. Returns whether it was measured now. Names are a runtime event's in lower
  // case; a guest's begin with kGuestEventPrefix, for which the caller must see. Fails with
  // invalid_argument (name), too_large (the log would be more than RuntimeEventLog::parse() reads),
  // refused (as above), timed_out (somebody else holds the lock), permission (the directory is open
  // to others), malformed (the log was damaged), io, and as Td does. A failed call has measured
  // nothing, unless the register cannot be read behind it: the next call finds out.
  Result<bool> measure_once(const RuntimeEvent& event);

  // Measures the event, even if there is one like it. Fails likewise.
  Result<void> measure(const RuntimeEvent& event);

  // What was measured in this boot, in order; it replays to what RTMR3 is. Fails likewise.
  Result<RuntimeEventLog> events();

  // A quote with that report data, and the events that its RTMR3 replays to. Nothing keeps others
  // from measuring meanwhile: then it is asked for again, a few times. Fails likewise, as
  // Td::quote() does, and with refused where others measure all the time.
  Result<ExplainedQuote> quote(const ByteArray<kReportDataBytes>& report_data);

 private:
  Td& td_;
  RuntimeLogOptions options_;
};

// The log as RuntimeEventLog::parse() reads it: JSON in the form of dstack's tools,
// docs/formats.md.
std::string to_json(const RuntimeEventLog& log);

}  // namespace quoin::td

#endif  // QUOIN_SRC_TD_RUNTIME_LOG_H_
