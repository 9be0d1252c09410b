#include <string>
#include <utility>

#include "quoin/eventlog.h"
#include "src/base/error.h"
#include "src/crypto/sha2.h"

namespace quoin {
namespace {

Result<void> check_event(const CcEvent& event) {
  if (event.mr_index > kRtmrCount) {
    return malformed("there is no measurement register " + std::to_string(event.mr_index) +
                     ": 1 to 4 are RTMR0 to RTMR3");
  }
  if (event.mr_index == 0 && event.is_extended()) {
    return malformed("it is measured into register 0, which is MRTD: nothing extends that");
  }
  if (event.data.size() > kMaxCcEventDataBytes) return too_large("its data has more than 1 MiB");
  return {};
}

}  // namespace

Result<CcEventLog> CcEventLog::from_events(std::vector<CcEvent> events) {
  if (events.size() > kMaxCcEvents) return too_large("event log: more than 20000 events");
  CcEventLog log;
  for (size_t i = 0; i < events.size(); ++i) {
    const CcEvent& event = events[i];
    if (Result<void> checked = check_event(event); !checked.ok()) {
      Error error = std::move(checked).error();
      error.what = "event log, event " + std::to_string(i) + ": " + error.what;
      return error;
    }
    if (!event.is_extended()) continue;
    // TDG.MR.RTMR.EXTEND: the old value, and behind it the digest.
    ByteArray<48>& rtmr = log.rtmrs_[event.mr_index - 1];
    rtmr = sha384({rtmr, event.digest});
  }
  log.events_ = std::move(events);
  return log;
}

bool CcEventLog::extends(size_t rtmr) const {
  for (const CcEvent& event : events_) {
    if (event.is_extended() && event.mr_index == rtmr + 1) return true;
  }
  return false;
}

}  // namespace quoin
