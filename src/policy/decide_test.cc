#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/policy/rules.h"
#include "src/policy/samples_testing.h"

namespace quoin {
namespace {

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
  const Rule& rule;
  std::function<void(Case&)> make;
  // What in the policy accepts it after all; nothing where no policy can.
  std::function<void(Policy&)> allow;
};

std::function<void(Case&)> attribute(size_t bit) {
  return [bit](Case& c) { c.report.td_attributes[bit / 8] |= static_cast<uint8_t>(1u << bit % 8); };
}

// At least one for each rule.
std::vector<Refusal> refusals() {
  namespace rules = policy_rules;
  std::vector<Refusal> table = {
      {rules::kTcbStatus, [](Case& c) { c.verdict.tcb_status.reset(); }, {}},
      {rules::kTcbStatus, [](Case& c) { c.verdict.tcb_status = TcbStatus::out_of_date; },
       [](Policy& p) { p.tcb_statuses.push_back(TcbStatus::out_of_date); }},
      {rules::kAdvisoriesAllowed,
       [](Case& c) {
         c.verdict.tcb_status = TcbStatus::sw_hardening_needed;
         c.verdict.advisory_ids = {"INTEL-SA-1", "INTEL-SA-2"};
         c.policy.tcb_statuses = {TcbStatus::sw_hardening_needed};
         c.policy.allowed_advisories = {"INTEL-SA-1"};
       },
       [](Policy& p) { p.allowed_advisories->push_back("INTEL-SA-2"); }},
      {rules::kAdvisoriesDenied,
       [](Case& c) {
         c.verdict.advisory_ids = {"INTEL-SA-1"};
         c.policy.denied_advisories = {"INTEL-SA-2", "INTEL-SA-1"};
       },
       [](Policy& p) { p.denied_advisories.pop_back(); }},
      {rules::kTcbEvaluationDataNumber,
       [](Case& c) { c.policy.minimum_tcb_evaluation_data_number = 1'000'000; },
       [](Policy& p) { p.minimum_tcb_evaluation_data_number = 0; }},
      {rules::kCollateralAge,
       [](Case& c) {
         c.policy.maximum_collateral_age_days = 1;
         c.now += std::chrono::days(1) + std::chrono::seconds(1);
       },
       [](Policy& p) { p.maximum_collateral_age_days = 2; }},
      {rules::kPlatformAllowed,
       [](Case& c) { c.policy.allowed_platforms.emplace().ppids.insert(ByteArray<16>{}); },
       [](Policy& p) { p.allowed_platforms->fmspcs.insert(good_platform().fmspc); }},
      {rules::kPlatformDenied,
       [](Case& c) { c.policy.denied_platforms.fmspcs = {good_platform().fmspc}; },
       [](Policy& p) { p.denied_platforms.fmspcs.clear(); }},
      {rules::kSeptVeDisable, [](Case& c) { c.report.td_attributes.fill(0); },
       [](Policy& p) { p.require_sept_ve_disable = false; }},
      {rules::kMigratable, attribute(29), [](Policy& p) { p.allow_migratable = true; }},
      {rules::kPerfmon, attribute(63), [](Policy& p) { p.allow_perfmon = true; }},
      {rules::kServiceTd, [](Case& c) { c.report.mr_service_td[47] = 1; },
       [](Policy& p) { p.allow_service_td = true; }},
      {rules::kSgxDebug,
       [](Case& c) {
         c.enclave.emplace().attributes[0] = 2;
         c.policy.any_measurement = true;
       },
       {}},
      {rules::kEventLog,
       [](Case& c) { c.event_log = RuntimeEventLog::from_events({event("a")}).value(); },
       {}},
      {rules::kMeasurements, [](Case& c) { c.report.rtmr1[0] ^= 1; },
       [](Policy& p) { p.any_measurement = true; }},
      {rules::kModules, [](Case& c) { c.policy.modules.emplace_back(); },
       [](Policy& p) { p.modules.clear(); }},
  };
  for (size_t bit = 0; bit < 8; ++bit) {
    table.push_back({rules::kTdUnderDebug, attribute(bit), [bit](Policy& p) {
                       p.insecure_allowed_tud_bits = static_cast<uint8_t>(1u << bit);
                     }});
  }
  for (size_t bit = 8; bit < 63; ++bit) {
    if (bit >= 28 && bit <= 31) continue;
    table.push_back({rules::kTdAttributesReserved, attribute(bit), {}});
  }
  return table;
}

TEST(Decide, EachFaultIsRefusedForItsReasonUnlessThePolicyAllowsIt) {
  for (const Refusal& refusal : refusals()) {
    SCOPED_TRACE(refusal.rule.id);
    Case c = pinned();
    refusal.make(c);
    const Decision decision = decide(c);
    EXPECT_FALSE(decision.accepted);
    EXPECT_FALSE(decision.unpinned);
    EXPECT_EQ(reason_of(decision), refusal.rule.id);
    ASSERT_NE(decision.reason(), nullptr);
    EXPECT_FALSE(decision.reason()->seen.empty());
    EXPECT_FALSE(decision.reason()->wanted.empty());
    EXPECT_FALSE(decision.reason()->advice.empty());
    if (!refusal.allow) continue;
    refusal.allow(c.policy);
    EXPECT_TRUE(decide(c).accepted) << reason_of(decide(c));
  }
}

TEST(Decide, EveryRuleIsTheReasonOfARefusal) {
  std::set<std::string_view> tested;
  for (const Refusal& refusal : refusals()) tested.insert(refusal.rule.id);
  std::set<std::string_view> all;
  for (const Rule& rule : policy_rules::kAll) {
    EXPECT_TRUE(all.insert(rule.id).second) << rule.id << " stands twice";
    EXPECT_TRUE(rule.id.starts_with("policy_"));
    EXPECT_FALSE(rule.requirement.empty());
    EXPECT_FALSE(rule.source.empty());
    EXPECT_FALSE(rule.advice.empty());
  }
  EXPECT_EQ(tested, all);
}

TEST(Decide, NoChecksButTheRules) {
  Case c = pinned();
  c.policy.modules.emplace_back();
  c.event_log.emplace();
  c.has_receipt = true;
  const Decision td = decide(c);
  EXPECT_TRUE(td.accepted) << reason_of(td);
  // All but the enclave's.
  EXPECT_EQ(td.checks.size(), policy_rules::kAll.size() - 1);
  size_t next = 0;
  for (const Check& check : td.checks) {
    while (next < policy_rules::kAll.size() && policy_rules::kAll[next].id != check.id) ++next;
    EXPECT_LT(next, policy_rules::kAll.size()) << check.id << " stands out of order";
    EXPECT_TRUE(check.advice.empty()) << check.id;
  }
}

TEST(Decide, AnAllowedTudBitAllowsNoOther) {
  Case c = pinned();
  c.report.td_attributes[0] = 0x03;
  c.policy.insecure_allowed_tud_bits = 0x01;
  EXPECT_EQ(reason_of(decide(c)), "policy_td_under_debug");
  c.report.td_attributes[0] = 0x01;
  EXPECT_TRUE(decide(c).accepted);
}

TEST(Decide, APolicyOfModulesWantsAReceipt) {
  Case c = pinned();
  c.policy.modules.emplace_back();
  EXPECT_EQ(reason_of(decide(c)), "policy_modules");
  c.has_receipt = true;
  EXPECT_TRUE(decide(c).accepted);
}

// What to do depends on the status, and on which SVN is too low.
TEST(Decide, ATcbStatusSaysWhatItCallsFor) {
  const auto refusal_of = [](TcbStatus status, std::vector<TcbShortfall> shortfalls) {
    Case c = pinned();
    c.verdict.tcb_status = status;
    c.verdict.tcb_shortfalls = std::move(shortfalls);
    return *decide(c).reason();
  };
  const TcbShortfall module = {.part = TcbShortfall::Part::tdx_module,
                               .number = 1,
                               .seen = 4,
                               .wanted = 6,
                               .since = UtcTime{std::chrono::seconds(1'747'180'800)}};
  const TcbShortfall pce = {
      .part = TcbShortfall::Part::pce, .number = 0, .seen = 1, .wanted = 2, .since = {}};

  Check refusal = refusal_of(TcbStatus::out_of_date, {module, pce});
  EXPECT_EQ(refusal.seen,
            "OutOfDate: TDX module TDX_01 has ISVSVN 4, UpToDate needs 6 since 2025-05-14, PCE has "
            "PCESVN 1, UpToDate needs 2 since 1970-01-01");
  EXPECT_EQ(refusal.advice, "update the TDX module, then restart the TD");
  EXPECT_EQ(refusal_of(TcbStatus::out_of_date, {pce}).advice, advice_for(pce));
  EXPECT_EQ(refusal_of(TcbStatus::out_of_date, {}).advice, policy_rules::kTcbStatus.advice);
  EXPECT_TRUE(
      refusal_of(TcbStatus::td_relaunch_advised, {module}).advice.starts_with("restart the TD"));
  EXPECT_NE(refusal_of(TcbStatus::sw_hardening_needed, {pce}).advice.find("works around"),
            std::string::npos);
  for (const TcbStatus status :
       {TcbStatus::configuration_needed, TcbStatus::configuration_and_sw_hardening_needed}) {
    EXPECT_NE(refusal_of(status, {pce}).advice.find("BIOS"), std::string::npos);
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

}  // namespace
}  // namespace quoin
