#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "src/policy/samples_testing.h"
#include "src/simulator/samples_testing.h"

namespace quoin {
namespace {

using std::chrono::days;
using std::chrono::January;

TEST(DecideAdvisories, AreHeldToTheListWhereTheStatusIsNotUpToDate) {
  Case c = pinned();
  c.verdict.advisory_ids = {"INTEL-SA-1"};
  c.policy.allowed_advisories.emplace();
  EXPECT_TRUE(decide(c).accepted) << "UpToDate";
  c.verdict.tcb_status = TcbStatus::sw_hardening_needed;
  c.policy.tcb_statuses = {TcbStatus::sw_hardening_needed};
  EXPECT_EQ(reason_of(decide(c)), "policy_advisories_allowed");
  c.verdict.advisory_ids.clear();
  EXPECT_TRUE(decide(c).accepted) << "there is none";
  c.verdict.advisory_ids = {"INTEL-SA-1", "INTEL-SA-10"};
  c.policy.allowed_advisories = {"INTEL-SA-1"};
  const Decision decision = decide(c);
  EXPECT_EQ(reason_of(decision), "policy_advisories_allowed");
  EXPECT_EQ(decision.reason()->seen, "INTEL-SA-10") << "only what is not allowed";
  c.policy.allowed_advisories.reset();
  EXPECT_TRUE(decide(c).accepted) << "no list, no rule";
}

TEST(DecideAdvisories, DeniedIsDeniedWhateverTheStatus) {
  Case c = pinned();
  c.verdict.advisory_ids = {"INTEL-SA-1"};
  c.policy.denied_advisories = {"INTEL-SA-1"};
  EXPECT_EQ(reason_of(decide(c)), "policy_advisories_denied");
  c.policy.allowed_advisories = {"INTEL-SA-1"};
  EXPECT_EQ(reason_of(decide(c)), "policy_advisories_denied") << "denied goes before allowed";
}

TEST(DecidePlatform, DeniedGoesBeforeAllowed) {
  Case c = pinned();
  c.policy.allowed_platforms.emplace().ppids = {good_platform().ppid};
  EXPECT_TRUE(decide(c).accepted);
  c.policy.denied_platforms.fmspcs = {good_platform().fmspc};
  EXPECT_EQ(reason_of(decide(c)), "policy_platform_denied");
}

TEST(DecidePlatform, APlatformThatIsNotKnownIsNeitherAllowedNorNotDenied) {
  Case c = pinned();
  c.verdict.platform.reset();
  EXPECT_TRUE(decide(c).accepted) << "nobody asked";
  c.policy.denied_platforms.ppids = {ByteArray<16>{1}};
  EXPECT_EQ(reason_of(decide(c)), "policy_platform_denied");
  c.policy.denied_platforms = {};
  c.policy.allowed_platforms.emplace().ppids = {ByteArray<16>{}};
  EXPECT_EQ(reason_of(decide(c)), "policy_platform_allowed");
}

TEST(DecidePlatform, AnEmptyListAllowsNone) {
  Case c = pinned();
  c.policy.allowed_platforms.emplace();
  EXPECT_EQ(reason_of(decide(c)), "policy_platform_allowed");
}

TEST(DecidePlatform, SimulatedEvidenceIsHeldToTheListsToo) {
  Case c;
  c.verdict.simulated = true;
  ASSERT_TRUE(decide(c).accepted);
  c.policy.allowed_platforms.emplace().ppids = {ByteArray<16>{}};
  EXPECT_FALSE(decide(c).accepted);
}

// A quote of a simulated platform, its collateral, and what verification says of them.
struct Scene {
  explicit Scene(const simulator::PlatformSettings& settings)
      : platform(simulator::test_seed(1), settings),
        bytes(platform.quote(platform.td_report(simulator::default_td_state(), {})).value()),
        quote(parse_quote(bytes).value()),
        collateral(Collateral::parse(platform.collateral_bundle()).value()),
        verdict(verify_quote(quote, collateral, simulator::kNow,
                             {{TrustRoot::parse(platform.root_certificate()).value()}})) {}

  Decision decide(const Policy& policy, UtcTime now = simulator::kNow) const {
    return quoin::decide(policy, PolicyInput(quote, collateral, verdict, now));
  }

  simulator::Platform platform;
  Bytes bytes;
  Quote quote;
  Collateral collateral;
  Verdict verdict;
};

simulator::PlatformSettings up_to_date() {
  return simulator::default_settings(simulator::test_seed(1), simulator::kIssued);
}

// Each of these has a level that is UpToDate since 2025-01-01 and an OutOfDate one below.
simulator::PlatformSettings old_platform() {
  simulator::PlatformSettings settings = up_to_date();
  settings.pki.pck.sgx_extension->tcb_components[0] -= 1;
  return settings;
}
simulator::PlatformSettings old_module() {
  simulator::PlatformSettings settings = up_to_date();
  settings.tee_tcb_info.tee_tcb_svn[0] -= 2;
  settings.tee_tcb_info.tee_tcb_svn2 = settings.tee_tcb_info.tee_tcb_svn;
  return settings;
}
simulator::PlatformSettings old_qe() {
  simulator::PlatformSettings settings = up_to_date();
  settings.td_qe.isv_svn -= 2;
  return settings;
}

constexpr UtcTime kUpToDateSince = std::chrono::sys_days(January / 1 / 2025);

TEST(GracePeriod, EndsThatManyDaysAfterTheLevelThatThePlatformMisses) {
  for (const auto& settings : {old_platform(), old_module(), old_qe()}) {
    const Scene scene(settings);
    ASSERT_TRUE(scene.verdict.genuine);
    ASSERT_EQ(scene.verdict.tcb_status, TcbStatus::out_of_date);
    Policy policy;
    EXPECT_EQ(reason_of(scene.decide(policy)), "policy_tcb_status");
    policy.grace_period_days = 500;
    const UtcTime end = kUpToDateSince + days(500);
    EXPECT_TRUE(scene.decide(policy, simulator::kNow).accepted);
    EXPECT_TRUE(scene.decide(policy, end).accepted);
    const Decision late = scene.decide(policy, end + std::chrono::seconds(1));
    EXPECT_EQ(reason_of(late), "policy_tcb_status");
    EXPECT_NE(late.reason()->seen.find(to_string(end)), std::string::npos) << late.reason()->seen;
    EXPECT_NE(late.reason()->wanted.find("500 days"), std::string::npos);
    // Whoever accepts OutOfDate needs no grace.
    policy.grace_period_days = 0;
    policy.tcb_statuses = {TcbStatus::out_of_date};
    EXPECT_TRUE(scene.decide(policy).accepted);
  }
}

TEST(GracePeriod, CountsFromTheOldestLevelThatWouldDo) {
  simulator::PlatformSettings settings = old_platform();
  TcbLevel between = settings.tdx_tcb_info.tcb_levels[0];
  between.sgx_tcb_components[1] -= 1;
  between.tcb_date = kUpToDateSince - days(100);
  settings.tdx_tcb_info.tcb_levels.insert(settings.tdx_tcb_info.tcb_levels.begin() + 1, between);
  const UtcTime end = between.tcb_date + days(500);
  Policy policy;
  policy.grace_period_days = 500;
  EXPECT_TRUE(Scene(settings).decide(policy, end).accepted);
  EXPECT_FALSE(Scene(settings).decide(policy, end + std::chrono::seconds(1)).accepted);

  // A level that the policy does not accept would not have done.
  settings.tdx_tcb_info.tcb_levels[1].status = TcbStatus::sw_hardening_needed;
  EXPECT_TRUE(Scene(settings).decide(policy, end + days(100)).accepted);
  policy.tcb_statuses.push_back(TcbStatus::sw_hardening_needed);
  EXPECT_FALSE(Scene(settings).decide(policy, end + days(100)).accepted);
}

TEST(GracePeriod, CountsFromTheOldestDateWhereverItStands) {
  simulator::PlatformSettings settings = old_platform();
  TcbLevel between = settings.tdx_tcb_info.tcb_levels[0];
  between.sgx_tcb_components[1] -= 1;
  between.tcb_date = kUpToDateSince + days(100);
  settings.tdx_tcb_info.tcb_levels.insert(settings.tdx_tcb_info.tcb_levels.begin() + 1, between);
  Policy policy;
  policy.grace_period_days = 500;
  EXPECT_TRUE(Scene(settings).decide(policy, kUpToDateSince + days(500)).accepted);
  EXPECT_FALSE(Scene(settings).decide(policy, kUpToDateSince + days(501)).accepted);
}

TEST(GracePeriod, TheLongestOverdueCountsWhicheverPartItIs) {
  simulator::PlatformSettings settings = old_platform();
  settings.td_qe.isv_svn -= 2;
  settings.td_qe_identity.tcb_levels[0].tcb_date = kUpToDateSince + days(50);
  const Scene scene(settings);
  Policy policy;
  policy.grace_period_days = 500;
  EXPECT_TRUE(scene.decide(policy, kUpToDateSince + days(500)).accepted);
  EXPECT_FALSE(scene.decide(policy, kUpToDateSince + days(501)).accepted);
}

TEST(GracePeriod, TheLongestOverdueCounts) {
  simulator::PlatformSettings settings = old_platform();
  settings.td_qe.isv_svn -= 2;
  settings.td_qe_identity.tcb_levels[0].tcb_date = kUpToDateSince - days(50);
  const Scene scene(settings);
  Policy policy;
  policy.grace_period_days = 500;
  EXPECT_TRUE(scene.decide(policy, kUpToDateSince + days(450)).accepted);
  EXPECT_FALSE(scene.decide(policy, kUpToDateSince + days(451)).accepted);
}

TEST(GracePeriod, OnlyWhereAnUpdateWouldDo) {
  Policy policy;
  policy.grace_period_days = kMaxPolicyDays;

  // There is nothing to update to.
  simulator::PlatformSettings settings = old_platform();
  settings.tdx_tcb_info.tcb_levels[0].status = TcbStatus::sw_hardening_needed;
  EXPECT_EQ(reason_of(Scene(settings).decide(policy)), "policy_tcb_status");
  for (simulator::PlatformSettings stuck : {old_module(), old_qe()}) {
    stuck.td_qe_identity.tcb_levels[0].status = TcbStatus::out_of_date;
    (*stuck.tdx_tcb_info.tdx_module_identities)[1].tcb_levels[0].status = TcbStatus::out_of_date;
    EXPECT_EQ(reason_of(Scene(stuck).decide(policy)), "policy_tcb_status");
  }
  // What is updated is not accepted either.
  settings = old_qe();
  settings.tdx_tcb_info.tcb_levels[0].status = TcbStatus::sw_hardening_needed;
  EXPECT_EQ(reason_of(Scene(settings).decide(policy)), "policy_tcb_status");
  policy.tcb_statuses.push_back(TcbStatus::sw_hardening_needed);
  EXPECT_TRUE(Scene(settings).decide(policy).accepted);
  // It needs to be configured as well.
  settings = old_platform();
  settings.tdx_tcb_info.tcb_levels[1].status = TcbStatus::out_of_date_configuration_needed;
  EXPECT_EQ(reason_of(Scene(settings).decide(policy)), "policy_tcb_status");
  policy.tcb_statuses.push_back(TcbStatus::configuration_needed);
  EXPECT_TRUE(Scene(settings).decide(policy).accepted);
}

TEST(GracePeriod, IsNotForWhatIsRevokedOrOfAnotherStatus) {
  Policy policy;
  policy.grace_period_days = kMaxPolicyDays;
  for (const TcbStatus status :
       {TcbStatus::revoked, TcbStatus::sw_hardening_needed, TcbStatus::configuration_needed}) {
    simulator::PlatformSettings settings = old_platform();
    settings.tdx_tcb_info.tcb_levels[1].status = status;
    EXPECT_EQ(reason_of(Scene(settings).decide(policy)), "policy_tcb_status");
  }
  // A verdict that says another thing than the levels do.
  Scene scene(old_platform());
  scene.verdict.tcb_status = TcbStatus::out_of_date_configuration_needed;
  policy.tcb_statuses.push_back(TcbStatus::configuration_needed);
  EXPECT_EQ(reason_of(scene.decide(policy)), "policy_tcb_status");
  scene.verdict.tcb_status = TcbStatus::out_of_date;
  EXPECT_TRUE(scene.decide(policy).accepted);
  scene.verdict.platform_tcb.reset();
  EXPECT_EQ(reason_of(scene.decide(policy)), "policy_tcb_status");
}

TEST(GracePeriod, DoesNotExcuseAdvisories) {
  const Scene scene(old_platform());
  ASSERT_FALSE(scene.verdict.advisory_ids.empty());
  Policy policy;
  policy.grace_period_days = kMaxPolicyDays;
  policy.allowed_advisories.emplace();
  EXPECT_EQ(reason_of(scene.decide(policy)), "policy_advisories_allowed");
  policy.allowed_advisories = scene.verdict.advisory_ids;
  EXPECT_TRUE(scene.decide(policy).accepted);
}

constexpr UtcTime kOld = simulator::kIssued - days(10);

TEST(CollateralAge, IsThatOfTheOldestPart) {
  const auto aged = [](auto&& change) {
    simulator::PlatformSettings settings = up_to_date();
    change(settings);
    return settings;
  };
  Policy policy;
  policy.maximum_collateral_age_days = 5;
  EXPECT_TRUE(Scene(up_to_date()).decide(policy, simulator::kIssued + days(5)).accepted);
  EXPECT_EQ(reason_of(Scene(up_to_date())
                          .decide(policy, simulator::kIssued + days(5) + std::chrono::seconds(1))),
            "policy_collateral_age");
  for (const auto& settings : {aged([](auto& s) { s.tdx_tcb_info.issue_date = kOld; }),
                               aged([](auto& s) { s.td_qe_identity.issue_date = kOld; }),
                               aged([](auto& s) { s.pck_crl.this_update = kOld; })}) {
    EXPECT_EQ(reason_of(Scene(settings).decide(policy)), "policy_collateral_age");
  }
  // Intel makes one a year.
  const Scene root(aged([](auto& s) { s.root_ca_crl.this_update = kOld - days(300); }));
  EXPECT_TRUE(root.verdict.genuine);
  EXPECT_TRUE(root.decide(policy).accepted);
  policy.maximum_collateral_age_days = 0;
  EXPECT_TRUE(Scene(up_to_date()).decide(policy, simulator::kIssued).accepted);
  EXPECT_FALSE(
      Scene(up_to_date()).decide(policy, simulator::kIssued + std::chrono::seconds(1)).accepted);
}

TEST(EvaluationDataNumber, IsTheLowerOfTheTwo) {
  Policy policy;
  simulator::PlatformSettings settings = up_to_date();
  const uint32_t number = settings.tdx_tcb_info.tcb_evaluation_data_number;
  policy.minimum_tcb_evaluation_data_number = number;
  EXPECT_TRUE(Scene(settings).decide(policy).accepted);
  settings.tdx_tcb_info.tcb_evaluation_data_number = number - 1;
  EXPECT_EQ(reason_of(Scene(settings).decide(policy)), "policy_tcb_evaluation_data_number");
  settings = up_to_date();
  settings.td_qe_identity.tcb_evaluation_data_number = number - 1;
  EXPECT_EQ(reason_of(Scene(settings).decide(policy)), "policy_tcb_evaluation_data_number");
}

// Whoever has extracted the keys of one machine signs what they like, as that machine: its quotes
// are genuine in every byte. Here the second platform's PCK certificate, of the same PKI, signs
// the measurements that the policy wants.
TEST(StolenKey, GenuineQuotesOfAPlatformThatIsNotListedAreRefused) {
  const Scene ours(up_to_date());
  simulator::PlatformSettings stolen = up_to_date();
  stolen.pki.pck.sgx_extension->ppid.fill(0xee);
  stolen.pki.pck.sgx_extension->platform_instance_id.emplace().fill(0xdd);
  const Scene theirs(stolen);
  ASSERT_TRUE(ours.verdict.genuine);
  ASSERT_TRUE(theirs.verdict.genuine) << "nothing in the quote tells";

  const TdReport10& report = *ours.quote.td_report();
  MeasurementSet set;
  set.name = "release";
  set.mr_td = report.mr_td;
  set.rtmr0 = report.rtmr0;
  set.rtmr1 = report.rtmr1;
  set.rtmr2 = report.rtmr2;
  Policy policy;
  policy.measurements = {set};
  EXPECT_TRUE(theirs.decide(policy).accepted) << "measurements alone do not keep them out";

  policy.allowed_platforms.emplace().ppids = {ours.verdict.platform->ppid};
  EXPECT_TRUE(ours.decide(policy).accepted);
  EXPECT_EQ(reason_of(theirs.decide(policy)), "policy_platform_allowed");
  EXPECT_FALSE(theirs.decide(policy).accepted);

  policy.allowed_platforms.reset();
  policy.denied_platforms.platform_instance_ids = {*theirs.verdict.platform->platform_instance_id};
  EXPECT_TRUE(ours.decide(policy).accepted);
  EXPECT_EQ(reason_of(theirs.decide(policy)), "policy_platform_denied");
}

}  // namespace
}  // namespace quoin
