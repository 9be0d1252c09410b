// What the tests of this room share: a TD that a policy accepts, to be changed in one place.

#ifndef QUOIN_SRC_POLICY_SAMPLES_TESTING_H_
#define QUOIN_SRC_POLICY_SAMPLES_TESTING_H_

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "quoin/policy.h"
#include "src/simulator/platform.h"

namespace quoin {

inline constexpr UtcTime kSampleNow{std::chrono::seconds(1'750'000'000)};

inline TdReport15 good_report() {
  TdReport15 report;
  report.td_attributes = {0, 0, 0, 0x10, 0, 0, 0, 0};
  report.mr_td.fill(1);
  report.rtmr0.fill(2);
  report.rtmr1.fill(3);
  report.rtmr2.fill(4);
  return report;
}

inline PlatformIdentity good_platform() {
  PlatformIdentity platform;
  platform.ppid.fill(0x11);
  platform.fmspc.fill(0x22);
  platform.platform_instance_id.emplace().fill(0x33);
  return platform;
}

inline Verdict good_verdict() {
  Verdict verdict;
  verdict.genuine = true;
  verdict.tcb_status = TcbStatus::up_to_date;
  verdict.platform = good_platform();
  return verdict;
}

// What a decision is made of. A verdict of a real platform that is genuine and UpToDate, unless a
// test says otherwise. The collateral is a simulator's, of kSampleNow.
struct Case {
  Policy policy;
  TdReport15 report = good_report();
  std::optional<EnclaveReport> enclave;
  Verdict verdict = good_verdict();
  UtcTime now = kSampleNow;
  std::optional<RuntimeEventLog> event_log;
  bool has_receipt = false;
};

inline MeasurementSet fitting_set() {
  MeasurementSet set;
  set.name = "release";
  set.mr_td.emplace().fill(1);
  set.rtmr0.emplace().fill(2);
  set.rtmr1.emplace().fill(3);
  set.rtmr2.emplace().fill(4);
  return set;
}

// A case that is accepted.
inline Case pinned() {
  Case c;
  c.policy.measurements = {fitting_set()};
  return c;
}

inline const Collateral& sample_collateral() {
  static const simulator::Platform platform(simulator::Seed(), kSampleNow);
  static const Collateral collateral = Collateral::parse(platform.collateral_bundle()).value();
  return collateral;
}

inline PolicyInput input_of(const Case& c, const Quote& quote) {
  PolicyInput input(quote, sample_collateral(), c.verdict, c.now);
  input.event_log = c.event_log ? &*c.event_log : nullptr;
  input.has_receipt = c.has_receipt;
  return input;
}

inline Quote quote_of(const Case& c) {
  Quote quote;
  if (c.enclave) {
    quote.body = *c.enclave;
  } else {
    quote.body = c.report;
  }
  return quote;
}

// The decision; the terse one must be the same with fewer checks.
inline Decision decide(const Case& c, const Quote& quote) {
  const PolicyInput input = input_of(c, quote);
  const Decision decision = decide(c.policy, input);
  const Decision terse = decide_tersely(c.policy, input);
  const auto failed = std::ranges::count(decision.checks, false, &Check::passed);
  const bool same = terse.accepted == decision.accepted && terse.unpinned == decision.unpinned &&
                    std::cmp_equal(terse.checks.size(), failed);
  if (!same) std::abort();
  return decision;
}

inline Decision decide(const Case& c) { return decide(c, quote_of(c)); }

inline std::string reason_of(const Decision& decision) {
  return decision.reason() != nullptr ? std::string(decision.reason()->id) : "";
}

inline RuntimeEvent event(std::string name, Bytes payload = {}) {
  return {std::move(name), std::move(payload)};
}

}  // namespace quoin

#endif  // QUOIN_SRC_POLICY_SAMPLES_TESTING_H_
