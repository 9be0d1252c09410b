#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/policy/samples_testing.h"

namespace quoin {
namespace {

TEST(DecideMeasurements, EveryNamedMeasurementCounts) {
  using Member = ByteArray<48> TdReport10::*;
  struct Row {
    std::optional<ByteArray<48>> MeasurementSet::* wanted;
    Member seen;
  };
  const Row rows[] = {
      {&MeasurementSet::mr_seam, &TdReport10::mr_seam},
      {&MeasurementSet::mr_td, &TdReport10::mr_td},
      {&MeasurementSet::mr_config_id, &TdReport10::mr_config_id},
      {&MeasurementSet::mr_owner, &TdReport10::mr_owner},
      {&MeasurementSet::mr_owner_config, &TdReport10::mr_owner_config},
      {&MeasurementSet::rtmr0, &TdReport10::rtmr0},
      {&MeasurementSet::rtmr1, &TdReport10::rtmr1},
      {&MeasurementSet::rtmr2, &TdReport10::rtmr2},
      {&MeasurementSet::rtmr3, &TdReport10::rtmr3},
  };
  for (const Row& row : rows) {
    Case c = pinned();
    ByteArray<48> other = c.report.*row.seen;
    other[0] ^= 1;
    c.policy.measurements[0].*row.wanted = other;
    const Decision decision = decide(c);
    EXPECT_FALSE(decision.accepted);
    EXPECT_EQ(reason_of(decision), "policy_measurements");
    c.policy.measurements[0].*row.wanted = c.report.*row.seen;
    EXPECT_TRUE(decide(c).accepted);
  }
}

TEST(DecideMeasurements, AnyOneSetIsEnough) {
  Case c = pinned();
  c.policy.measurements[0].mr_td.emplace().fill(9);
  EXPECT_FALSE(decide(c).accepted);
  EXPECT_FALSE(decide(c).unpinned) << "a policy that names others is a policy";
  c.policy.measurements.push_back(fitting_set());
  EXPECT_TRUE(decide(c).accepted);
}

TEST(DecideMeasurements, EnclavesAreHeldToTheirOwnMeasurement) {
  Case c = pinned();
  c.enclave.emplace().mr_enclave.fill(5);
  EXPECT_FALSE(decide(c).accepted) << "a set for TDs says nothing of an enclave";
  MeasurementSet set;
  set.name = "enclave";
  set.mr_enclave.emplace().fill(5);
  c.policy.measurements = {set};
  EXPECT_TRUE(decide(c).accepted);
  c.enclave->attributes[0] = 2;
  EXPECT_EQ(reason_of(decide(c)), "policy_sgx_debug");
  c.enclave->attributes[0] = 0;
  c.enclave->mr_enclave[0] ^= 1;
  EXPECT_EQ(reason_of(decide(c)), "policy_measurements");
  Case td = pinned();
  td.policy.measurements = {set};
  EXPECT_EQ(reason_of(decide(td)), "policy_measurements")
      << "a set for enclaves says nothing of a TD";
}

// What is named must be equal, and no quote has measurements of both kinds.
TEST(DecideMeasurements, ASetThatNamesBothKindsFitsNeither) {
  MeasurementSet both = fitting_set();
  both.mr_enclave.emplace().fill(5);
  Case td = pinned();
  td.policy.measurements = {both};
  EXPECT_EQ(reason_of(decide(td)), "policy_measurements");
  Case sgx = pinned();
  sgx.enclave.emplace().mr_enclave.fill(5);
  sgx.policy.measurements = {both};
  EXPECT_EQ(reason_of(decide(sgx)), "policy_measurements");
}

// A policy file cannot hold one; a policy that is made by hand can.
TEST(DecideMeasurements, ASetThatDoesNotPinFitsNoTd) {
  for (std::optional<ByteArray<48>> MeasurementSet::* left_out :
       {&MeasurementSet::mr_td, &MeasurementSet::rtmr0, &MeasurementSet::rtmr1,
        &MeasurementSet::rtmr2}) {
    Case c = pinned();
    (c.policy.measurements[0].*left_out).reset();
    EXPECT_EQ(reason_of(decide(c)), "policy_measurements");
  }
}

// A TD whose RTMR3 is of these events.
Case with_events(std::vector<RuntimeEvent> events, std::vector<WantedEvent> wanted) {
  Case c = pinned();
  c.event_log = RuntimeEventLog::from_events(std::move(events)).value();
  c.report.rtmr3 = c.event_log->replayed_rtmr3();
  c.policy.measurements[0].runtime_events = std::move(wanted);
  return c;
}

TEST(DecideRuntimeEvents, ExactlyTheNamedEventsInOrderFit) {
  const std::vector<RuntimeEvent> a_b = {event("a", {1}), event("b")};
  struct Row {
    std::vector<RuntimeEvent> events;
    std::vector<WantedEvent> wanted;
    bool fits = false;
  };
  const Row rows[] = {
      {{}, {}, true},
      {a_b, {{"a", Bytes{1}}, {"b", Bytes{}}}, true},
      {a_b, {{"a", std::nullopt}, {"b", std::nullopt}}, true},
      {a_b, {{"a", Bytes{2}}, {"b", Bytes{}}}, false},
      {a_b, {{"a", Bytes{}}, {"b", Bytes{}}}, false},
      {a_b, {{"b", std::nullopt}, {"a", std::nullopt}}, false},
      {a_b, {{"a", std::nullopt}}, false},
      {a_b, {{"b", std::nullopt}}, false},
      {a_b, {}, false},
      {{}, {{"a", std::nullopt}}, false},
      {a_b, {{"a", std::nullopt}, {"b", std::nullopt}, {"c", std::nullopt}}, false},
      {{event("a"), event("a")}, {{"a", std::nullopt}}, false},
  };
  for (const Row& row : rows) {
    const Case c = with_events(row.events, row.wanted);
    EXPECT_EQ(decide(c).accepted, row.fits) << &row - rows;
    EXPECT_EQ(reason_of(decide(c)), row.fits ? "" : "policy_measurements");
  }
}

TEST(DecideRuntimeEvents, GuestsEventsCountOnlyWhereTheyAreNamed) {
  const std::vector<RuntimeEvent> events = {event("guest/x"), event("a"), event("guest/y"),
                                            event("guest/x", {1})};
  EXPECT_TRUE(decide(with_events(events, {{"a", std::nullopt}})).accepted);
  const std::vector<WantedEvent> with_x = {
      {"guest/x", Bytes{}}, {"a", std::nullopt}, {"guest/x", Bytes{1}}};
  EXPECT_TRUE(decide(with_events(events, with_x)).accepted);
  EXPECT_FALSE(
      decide(with_events(events, {{"guest/x", std::nullopt}, {"a", std::nullopt}})).accepted)
      << "the second one is not wanted";

  Case strict = with_events(events, with_x);
  strict.policy.measurements[0].refuse_guest_events = true;
  EXPECT_FALSE(decide(strict).accepted) << "guest/y is not wanted";
  strict = with_events({event("a")}, {{"a", std::nullopt}});
  strict.policy.measurements[0].refuse_guest_events = true;
  EXPECT_TRUE(decide(strict).accepted);
}

TEST(DecideRuntimeEvents, WithoutALogNothingFits) {
  Case c = with_events({}, {});
  c.event_log.reset();
  const Decision decision = decide(c);
  EXPECT_EQ(reason_of(decision), "policy_measurements");
  EXPECT_NE(decision.reason()->seen.find("there is no event log"), std::string::npos);
  c.policy.measurements.push_back(fitting_set());
  EXPECT_TRUE(decide(c).accepted) << "a set that does not ask for events";
}

// A log of another TD, or of another time, says nothing, whether a set asks for one or not.
TEST(DecideRuntimeEvents, ALogThatDoesNotReplayIsRefused) {
  Case c = with_events({event("a")}, {{"a", std::nullopt}});
  ASSERT_TRUE(decide(c).accepted);
  c.report.rtmr3[0] ^= 1;
  const Decision decision = decide(c);
  EXPECT_EQ(reason_of(decision), "policy_event_log");
  EXPECT_EQ(std::ranges::count(decision.checks, false, &Check::passed), 2)
      << "its events are nobody's, so the set does not fit either";
  c.policy.measurements[0].runtime_events.reset();
  EXPECT_EQ(reason_of(decide(c)), "policy_event_log");
  c.event_log.reset();
  EXPECT_TRUE(decide(c).accepted) << "RTMR3 is not looked at unless it is named";
}

TEST(DecideRuntimeEvents, AnEnclaveHasNoEventLog) {
  Case c = pinned();
  c.policy.any_measurement = true;
  c.enclave.emplace();
  c.event_log.emplace();
  EXPECT_EQ(reason_of(decide(c)), "policy_event_log");
}

TEST(DecideRuntimeEvents, ASetThatNamesEventsFitsNoEnclave) {
  Case c = pinned();
  c.enclave.emplace().mr_enclave.fill(5);
  MeasurementSet set;
  set.name = "enclave";
  set.mr_enclave.emplace().fill(5);
  c.policy.measurements = {set};
  ASSERT_TRUE(decide(c).accepted);
  c.policy.measurements[0].runtime_events.emplace();
  EXPECT_EQ(reason_of(decide(c)), "policy_measurements");
}

}  // namespace
}  // namespace quoin
