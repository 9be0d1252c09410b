#include <gtest/gtest.h>

#include "src/base/allocations_testing.h"
#include "src/policy/samples_testing.h"

namespace quoin {
namespace {

// A policy that asks for everything, and a TD that has it all.
Case everything() {
  Case c = pinned();
  MeasurementSet other = fitting_set();
  other.name = "another";
  other.rtmr0.emplace().fill(9);
  c.policy.measurements = {other, fitting_set()};
  c.policy.measurements[1].runtime_events = {{"boot", Bytes(100, 7)}};
  c.event_log =
      RuntimeEventLog::from_events({event("guest/x"), event("boot", Bytes(100, 7))}).value();
  c.report.rtmr3 = c.event_log->replayed_rtmr3();
  c.verdict.tcb_status = TcbStatus::sw_hardening_needed;
  c.verdict.advisory_ids = {"INTEL-SA-1"};
  c.policy.tcb_statuses = {TcbStatus::up_to_date, TcbStatus::sw_hardening_needed};
  c.policy.allowed_advisories = {"INTEL-SA-1"};
  c.policy.denied_advisories = {"INTEL-SA-2"};
  c.policy.grace_period_days = 10;
  c.policy.maximum_collateral_age_days = 10;
  c.policy.allowed_platforms.emplace().ppids = {good_platform().ppid};
  c.policy.denied_platforms.fmspcs = {ByteArray<6>{}};
  c.policy.modules.emplace_back();
  c.has_receipt = true;
  return c;
}

TEST(DecideTersely, AcceptingAllocatesNothing) {
  const Case c = everything();
  const Quote quote = quote_of(c);
  const PolicyInput input = input_of(c, quote);
  const uint64_t before = allocation_count();
  const Decision decision = decide_tersely(c.policy, input);
  EXPECT_EQ(allocation_count(), before);
  EXPECT_TRUE(decision.accepted);
  EXPECT_TRUE(decision.checks.empty());
  // That the counter counts at all.
  EXPECT_TRUE(decide(c.policy, input).accepted);
  EXPECT_GT(allocation_count(), before);
}

}  // namespace
}  // namespace quoin
