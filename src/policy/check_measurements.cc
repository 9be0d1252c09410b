#include <algorithm>
#include <string>

#include "src/base/hex.h"
#include "src/policy/checks.h"
#include "src/policy/measurement_set.h"
#include "src/policy/rules.h"

namespace quoin {
namespace {

// Whether the log is of the events that were measured into the quote's RTMR3.
bool replays(const RuntimeEventLog& log, const Quote& quote) {
  const TdReport10* report = quote.td_report();
  return report != nullptr && log.replayed_rtmr3() == report->rtmr3;
}

// Guests choose their events' names and payloads, so they say nothing of who the TD is.
bool counts(const MeasurementSet& set, const RuntimeEvent& event) {
  return !event.is_guests() || set.refuse_guest_events ||
         std::ranges::find(*set.runtime_events, event.name, &WantedEvent::name) !=
             set.runtime_events->end();
}

// Whether the events that count are exactly those that the set names, in order.
bool events_fit(const MeasurementSet& set, const RuntimeEventLog& log) {
  auto wanted = set.runtime_events->begin();
  for (const RuntimeEvent& event : log.events()) {
    if (!counts(set, event)) continue;
    if (wanted == set.runtime_events->end() || wanted->name != event.name ||
        (wanted->payload && *wanted->payload != event.payload)) {
      return false;
    }
    ++wanted;
  }
  return wanted == set.runtime_events->end();
}

// Calls `differs(name)` for everything in which the quote is not what the set names. A set that
// does not pin this kind of quote does not fit, nor does one that names what only the other kind
// has.
template <typename Visitor>
void visit_differences(const MeasurementSet& set, const PolicyInput& input, Visitor&& differs) {
  if (const TdReport10* report = input.quote.td_report()) {
    if (!pins_td(set)) differs("not for TDs");
    if (set.mr_enclave) differs("mr_enclave");
    td_measurement_fields(set, [&](std::string_view name, const auto& wanted, auto member) {
      if (wanted && *wanted != report->*member) differs(name);
    });
    if (set.runtime_events) {
      if (input.event_log == nullptr) {
        differs("runtime_events (there is no event log)");
      } else if (!replays(*input.event_log, input.quote) || !events_fit(set, *input.event_log)) {
        differs("runtime_events");
      }
    }
  }
  if (const EnclaveReport* report = input.quote.enclave_report()) {
    if (!pins_enclave(set) || names_td_measurement(set)) {
      differs("not for enclaves");
    } else if (*set.mr_enclave != report->mr_enclave) {
      differs("mr_enclave");
    }
  }
}

bool fits(const MeasurementSet& set, const PolicyInput& input) {
  bool same = true;
  visit_differences(set, input, [&same](std::string_view) { same = false; });
  return same;
}

// Such as "\"release\" differs in rtmr1, rtmr2".
std::string differences_text(const MeasurementSet& set, const PolicyInput& input) {
  std::string names;
  visit_differences(set, input, [&names](std::string_view name) {
    names.append(names.empty() ? "" : ", ").append(name);
  });
  return "\"" + set.name + "\" differs in " + names;
}

CheckText measurements_text(const Policy& policy, const PolicyInput& input) {
  if (policy.any_measurement) return {"not looked at", "anything"};
  if (policy.measurements.empty()) {
    return {input.verdict.simulated ? "simulated" : "no policy", "a policy that pins what ran"};
  }
  std::string seen;
  for (const MeasurementSet& set : policy.measurements) {
    if (fits(set, input)) return {"\"" + set.name + "\"", "any one set"};
    seen.append(seen.empty() ? "" : "; ").append(differences_text(set, input));
  }
  return {seen, "one set that fits"};
}

}  // namespace

bool check_event_log(CheckList& checks, const PolicyInput& input) {
  if (input.event_log == nullptr) return true;
  return checks.add(policy_rules::kEventLog, replays(*input.event_log, input.quote), [&] {
    const TdReport10* report = input.quote.td_report();
    return CheckText{
        "the log gives " + to_hex(input.event_log->replayed_rtmr3()),
        report != nullptr ? "rtmr3 " + to_hex(report->rtmr3) : "no log: an enclave has no RTMR3"};
  });
}

bool check_measurements(CheckList& checks, const Policy& policy, const PolicyInput& input) {
  bool passed = policy.any_measurement;
  if (!passed && policy.measurements.empty()) {
    passed = input.verdict.simulated;
  } else if (!passed) {
    passed = std::ranges::any_of(policy.measurements,
                                 [&](const MeasurementSet& set) { return fits(set, input); });
  }
  return checks.add(policy_rules::kMeasurements, passed,
                    [&] { return measurements_text(policy, input); });
}

}  // namespace quoin
