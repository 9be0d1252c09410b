// An event log that loads has events that its replay can be made of again, within every limit, and
// both readers of it find the same RTMR3.

#include "fuzz/require.h"
#include "quoin/eventlog.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quoin::fuzz::require;
  const auto whole = quoin::CcEventLog::parse_json({data, size});
  if (whole.ok()) {
    const auto again = quoin::CcEventLog::from_events(whole->events());
    require(again.ok() && again->replayed_rtmrs() == whole->replayed_rtmrs());
    for (const auto& event : whole->events()) {
      require(event.name.empty() || quoin::is_runtime_event_name(event.name));
    }
  }
  const auto log = quoin::RuntimeEventLog::parse({data, size});
  if (!log.ok()) return 0;
  for (const auto& event : log->events()) require(quoin::is_runtime_event_name(event.name));
  const auto again = quoin::RuntimeEventLog::from_events(log->events());
  require(again.ok() && again->replayed_rtmr3() == log->replayed_rtmr3());
  if (whole.ok()) require(whole->replayed_rtmrs()[3] == log->replayed_rtmr3());
  return 0;
}
