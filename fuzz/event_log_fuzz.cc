// An event log that loads has events that its replay can be made of again, within every limit.

#include <cstdlib>

#include "quoin/eventlog.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto log = quoin::RuntimeEventLog::parse({data, size});
  if (!log.ok()) return 0;
  for (const auto& event : log->events()) {
    if (!quoin::is_runtime_event_name(event.name)) std::abort();
  }
  const auto again = quoin::RuntimeEventLog::from_events(log->events());
  if (!again.ok() || again->replayed_rtmr3() != log->replayed_rtmr3()) std::abort();
  return 0;
}
