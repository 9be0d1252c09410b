#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "src/policy/samples_testing.h"

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): what operator new counts in.
thread_local size_t allocations = 0;

}  // namespace

// All other forms of new and delete end in these.
void* operator new(size_t size) {
  ++allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

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
  const size_t before = allocations;
  const Decision decision = decide_tersely(c.policy, input);
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(decision.accepted);
  EXPECT_TRUE(decision.checks.empty());
  // That the counter counts at all.
  EXPECT_TRUE(decide(c.policy, input).accepted);
  EXPECT_GT(allocations, before);
}

}  // namespace
}  // namespace quoin
