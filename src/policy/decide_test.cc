#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "quoin/policy.h"
#include "src/simulator/platform.h"

namespace quoin {
namespace {

using simulator::Platform;
using simulator::Seed;

constexpr UtcTime kNow{std::chrono::seconds(1'750'000'000)};

TdReport15 good_report() {
  TdReport15 report;
  report.td_attributes = {0, 0, 0, 0x10, 0, 0, 0, 0};
  report.mr_td.fill(1);
  report.rtmr0.fill(2);
  report.rtmr1.fill(3);
  report.rtmr2.fill(4);
  return report;
}

Verdict good_verdict() {
  Verdict verdict;
  verdict.genuine = true;
  verdict.tcb_status = TcbStatus::up_to_date;
  return verdict;
}

// What a decision is made of. A verdict of a real platform that is genuine and UpToDate, unless a
// test says otherwise.
struct Case {
  Policy policy;
  TdReport15 report = good_report();
  std::optional<EnclaveReport> enclave;
  Verdict verdict = good_verdict();
};

MeasurementSet fitting_set() {
  MeasurementSet set;
  set.name = "release";
  set.mr_td.emplace().fill(1);
  set.rtmr0.emplace().fill(2);
  set.rtmr1.emplace().fill(3);
  set.rtmr2.emplace().fill(4);
  return set;
}

Case pinned() {
  Case c;
  c.policy.measurements = {fitting_set()};
  return c;
}

Decision decide(const Case& c, const Quote& quote) {
  static const Platform platform(Seed(), kNow);
  static const Collateral collateral = Collateral::parse(platform.collateral_bundle()).value();
  return decide(c.policy, PolicyInput(quote, collateral, c.verdict, kNow));
}

Decision decide(const Case& c) {
  Quote quote;
  if (c.enclave) {
    quote.body = *c.enclave;
  } else {
    quote.body = c.report;
  }
  return decide(c, quote);
}

std::string reason_of(const Decision& decision) {
  for (const Check& check : decision.checks) {
    if (!check.passed) return std::string(check.id);
  }
  return "";
}

TEST(Decide, WhatIsPinnedIsAccepted) {
  const Decision decision = decide(pinned());
  EXPECT_TRUE(decision.accepted) << reason_of(decision);
  EXPECT_FALSE(decision.unpinned);
}

TEST(Decide, DefaultPolicyAcceptsNothing) {
  const Decision decision = decide(Case{});
  EXPECT_FALSE(decision.accepted);
  EXPECT_TRUE(decision.unpinned) << "nothing but the pin is missing";
  EXPECT_EQ(reason_of(decision), "policy_measurements");
}

TEST(Decide, AnyMeasurementMustBeAskedFor) {
  Case c;
  c.policy.any_measurement = true;
  EXPECT_TRUE(decide(c).accepted);
}

TEST(Decide, SimulatedEvidenceNeedsNoPinButFitsOneThatIsThere) {
  Case c;
  c.verdict.simulated = true;
  EXPECT_TRUE(decide(c).accepted);
  c.policy.measurements = {fitting_set()};
  EXPECT_TRUE(decide(c).accepted);
  c.report.mr_td[0] ^= 1;
  EXPECT_FALSE(decide(c).accepted);
}

TEST(Decide, WhatIsNotGenuineIsNeverAccepted) {
  for (Case c : {pinned(), Case{}}) {
    c.policy.any_measurement = true;
    c.verdict.genuine = false;
    EXPECT_FALSE(decide(c).accepted);
    EXPECT_FALSE(decide(c).unpinned);
  }
  Case simulated;
  simulated.verdict.simulated = true;
  simulated.verdict.genuine = false;
  EXPECT_FALSE(decide(simulated).accepted);
}

struct Refusal {
  std::string_view reason;
  std::function<void(Case&)> make;
  // What in the policy accepts it after all; nothing where no policy can.
  std::function<void(Policy&)> allow;
};

TEST(Decide, EachFaultIsRefusedForItsReasonUnlessThePolicyAllowsIt) {
  const auto attribute = [](size_t bit) {
    return
        [bit](Case& c) { c.report.td_attributes[bit / 8] |= static_cast<uint8_t>(1u << bit % 8); };
  };
  std::vector<Refusal> table = {
      {"policy_tcb_status", [](Case& c) { c.verdict.tcb_status.reset(); }, {}},
      {"policy_tcb_status", [](Case& c) { c.verdict.tcb_status = TcbStatus::out_of_date; },
       [](Policy& p) { p.tcb_statuses.push_back(TcbStatus::out_of_date); }},
      {"policy_tcb_evaluation_data_number",
       [](Case& c) { c.policy.minimum_tcb_evaluation_data_number = 1'000'000; },
       [](Policy& p) { p.minimum_tcb_evaluation_data_number = 0; }},
      {"policy_sept_ve_disable", [](Case& c) { c.report.td_attributes.fill(0); },
       [](Policy& p) { p.require_sept_ve_disable = false; }},
      {"policy_migratable", attribute(29), [](Policy& p) { p.allow_migratable = true; }},
      {"policy_perfmon", attribute(63), [](Policy& p) { p.allow_perfmon = true; }},
      {"policy_service_td", [](Case& c) { c.report.mr_service_td[47] = 1; },
       [](Policy& p) { p.allow_service_td = true; }},
  };
  for (size_t bit = 0; bit < 8; ++bit)
    table.push_back({"policy_td_under_debug", attribute(bit), {}});
  for (size_t bit = 8; bit < 63; ++bit) {
    if (bit >= 28 && bit <= 31) continue;
    table.push_back({"policy_td_attributes_reserved", attribute(bit), {}});
  }
  for (const Refusal& refusal : table) {
    SCOPED_TRACE(refusal.reason);
    Case c = pinned();
    refusal.make(c);
    const Decision decision = decide(c);
    EXPECT_FALSE(decision.accepted);
    EXPECT_FALSE(decision.unpinned);
    EXPECT_EQ(reason_of(decision), refusal.reason);
    if (!refusal.allow) continue;
    refusal.allow(c.policy);
    EXPECT_TRUE(decide(c).accepted) << reason_of(decide(c));
  }
}

TEST(Decide, StatusesThatNobodyCanWantAreRefusedAlsoWhereAPolicyNamesThem) {
  for (const TcbStatus status :
       {TcbStatus::revoked, TcbStatus::not_supported, TcbStatus::unrecognized}) {
    Case c = pinned();
    c.verdict.tcb_status = status;
    c.policy.tcb_statuses = {status};
    EXPECT_EQ(reason_of(decide(c)), "policy_tcb_status");
  }
}

TEST(Decide, EveryFieldOfAServiceTdCounts) {
  for (ByteArray<48> TdReport15ExExtra::* field :
       {&TdReport15ExExtra::init_servtd_hash, &TdReport15ExExtra::cur_servtd_hash}) {
    TdReport15Ex report;
    static_cast<TdReport15&>(report) = good_report();
    (report.*field)[0] = 1;
    Quote quote;
    quote.body = report;
    EXPECT_EQ(reason_of(decide(pinned(), quote)), "policy_service_td");
  }
}

TEST(Decide, PksAndKeyLockerAreNobodysBusiness) {
  Case c = pinned();
  c.report.td_attributes[3] |= 0xc0;
  EXPECT_TRUE(decide(c).accepted);
}

TEST(Decide, EveryNamedMeasurementCounts) {
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

TEST(Decide, AnyOneSetIsEnough) {
  Case c = pinned();
  c.policy.measurements[0].mr_td.emplace().fill(9);
  EXPECT_FALSE(decide(c).accepted);
  EXPECT_FALSE(decide(c).unpinned) << "a policy that names others is a policy";
  c.policy.measurements.push_back(fitting_set());
  EXPECT_TRUE(decide(c).accepted);
}

TEST(Decide, EnclavesAreHeldToTheirOwnMeasurement) {
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
TEST(Decide, ASetThatNamesBothKindsFitsNeither) {
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

}  // namespace
}  // namespace quoin
