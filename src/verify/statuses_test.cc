// The TCB status of every combination of levels, from bytes to verdict.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

using enum TcbStatus;
using simulator::PlatformSettings;
using simulator::QuoteParts;

// In the simulator, the module and the QE stand at a level of UpToDate with these ISVSVNs; two
// lower is OutOfDate.
constexpr uint8_t kModuleIsvSvn = 5;
constexpr uint8_t kOldModuleIsvSvn = 3;

constexpr UtcTime kOldest = std::chrono::sys_days(std::chrono::May / 1 / 2021);

// The levels of the TDX module that the platform has.
std::vector<IsvSvnTcbLevel>& module_levels(PlatformSettings& settings) {
  auto& identities = *settings.tdx_tcb_info.tdx_module_identities;
  const auto found = std::ranges::find(identities, "TDX_01", &TdxModuleIdentity::id);
  if (found == identities.end()) ADD_FAILURE() << "no such module";
  return found->tcb_levels;
}

IsvSvnTcbLevel& module_level(PlatformSettings& settings) { return module_levels(settings)[0]; }

IsvSvnTcbLevel& qe_level(PlatformSettings& settings) {
  return settings.td_qe_identity.tcb_levels[0];
}

TcbLevel& platform_level(PlatformSettings& settings) { return settings.tdx_tcb_info.tcb_levels[0]; }

// Every status is a finding, not a fault: the quote is genuine, and a policy decides.
void expect_status(const Evidence& evidence, TcbStatus wanted) {
  const Verdict verdict = verify(evidence);
  EXPECT_TRUE(verdict.genuine) << reason_of(verdict);
  ASSERT_TRUE(verdict.tcb_status);
  EXPECT_EQ(to_string(*verdict.tcb_status), to_string(wanted));
}

// QVL convergeTcbStatuses, written out.
TEST(Statuses, EveryPlatformModuleAndQeStatusConverges) {
  struct Row {
    TcbStatus platform;
    TcbStatus with_out_of_date;
  };
  constexpr Row kPlatforms[] = {
      {up_to_date, out_of_date},
      {sw_hardening_needed, out_of_date},
      {configuration_needed, out_of_date_configuration_needed},
      {configuration_and_sw_hardening_needed, out_of_date_configuration_needed},
      {out_of_date, out_of_date},
      {out_of_date_configuration_needed, out_of_date_configuration_needed},
      {revoked, revoked},
  };
  for (const Row& platform : kPlatforms) {
    for (const TcbStatus module : {up_to_date, out_of_date, revoked}) {
      for (const TcbStatus qe : {up_to_date, out_of_date, revoked}) {
        SCOPED_TRACE(std::string(to_string(platform.platform)) + ", module " +
                     std::string(to_string(module)) + ", QE " + std::string(to_string(qe)));
        Evidence evidence;
        platform_level(evidence.settings).status = platform.platform;
        module_level(evidence.settings).status = module;
        qe_level(evidence.settings).status = qe;
        TcbStatus wanted = platform.platform;
        if (module == out_of_date || qe == out_of_date) wanted = platform.with_out_of_date;
        if (module == revoked || qe == revoked) wanted = revoked;
        expect_status(evidence, wanted);
      }
    }
  }
}

TEST(Statuses, SgxQuotesHaveTheStatusOfPlatformAndQe) {
  for (const TcbStatus platform :
       {configuration_needed, out_of_date_configuration_needed, sw_hardening_needed, revoked}) {
    SCOPED_TRACE(to_string(platform));
    Evidence evidence;
    evidence.version = 3;
    evidence.body_type = BodyType::sgx_enclave_report;
    evidence.settings.sgx_tcb_info.tcb_levels[0].status = platform;
    expect_status(evidence, platform);
    evidence.settings.qe_identity.tcb_levels[0].status = revoked;
    expect_status(evidence, revoked);
  }
}

// QVL checkForRelaunch: what launched the TD, and what runs now.
TEST(Statuses, RelaunchIsAdvisedWhereTheModuleThatRunsNowIsBetter) {
  struct Row {
    TcbStatus platform;
    TcbStatus launched;  // by a module of that status
    TcbStatus current;   // what the module has that runs now
    TcbStatus wanted;
  };
  constexpr Row kRows[] = {
      {up_to_date, out_of_date, up_to_date, td_relaunch_advised},
      {sw_hardening_needed, out_of_date, up_to_date, td_relaunch_advised},
      {configuration_needed, out_of_date, up_to_date, td_relaunch_advised_configuration_needed},
      {configuration_and_sw_hardening_needed, out_of_date, up_to_date,
       td_relaunch_advised_configuration_needed},
      {up_to_date, out_of_date, revoked, out_of_date},
      {up_to_date, out_of_date, out_of_date, out_of_date},
      {up_to_date, revoked, up_to_date, revoked},
      {out_of_date, out_of_date, up_to_date, out_of_date},
      {out_of_date_configuration_needed, out_of_date, up_to_date, out_of_date_configuration_needed},
      {up_to_date, up_to_date, out_of_date, up_to_date},
      {configuration_needed, up_to_date, up_to_date, configuration_needed},
      {revoked, out_of_date, up_to_date, revoked},
  };
  for (const BodyType body_type : {BodyType::td_report_15, BodyType::td_report_15_ex}) {
    for (const Row& row : kRows) {
      SCOPED_TRACE(std::string(to_string(row.platform)) + ", launched " +
                   std::string(to_string(row.launched)) + ", now " +
                   std::string(to_string(row.current)));
      Evidence evidence;
      evidence.version = 5;
      evidence.body_type = body_type;
      PlatformSettings& settings = evidence.settings;
      for (TcbLevel& level : settings.tdx_tcb_info.tcb_levels) level.status = row.platform;
      for (TdxModuleIdentity& identity : *settings.tdx_tcb_info.tdx_module_identities) {
        identity.tcb_levels[0].status = row.current;
        identity.tcb_levels[1].status = row.launched;
      }
      settings.tee_tcb_info.tee_tcb_svn[0] = kOldModuleIsvSvn;
      settings.tee_tcb_info.tee_tcb_svn2[0] = kModuleIsvSvn;
      expect_status(evidence, row.wanted);
    }
  }
}

TEST(Statuses, WithoutASecondSvnThereIsNoRelaunch) {
  for (const uint16_t version : {uint16_t{4}, uint16_t{5}}) {
    Evidence evidence;
    evidence.version = version;
    evidence.settings.tee_tcb_info.tee_tcb_svn[0] = kOldModuleIsvSvn;
    expect_status(evidence, out_of_date);
  }
}

TEST(Statuses, DateIsTheOldestAndAdvisoriesAreThoseOfAllThree) {
  struct Row {
    std::string what;
    std::function<UtcTime&(PlatformSettings&)> date;
  };
  const std::vector<Row> rows = {
      {"platform", [](PlatformSettings& s) -> UtcTime& { return platform_level(s).tcb_date; }},
      {"module", [](PlatformSettings& s) -> UtcTime& { return module_level(s).tcb_date; }},
      {"QE", [](PlatformSettings& s) -> UtcTime& { return qe_level(s).tcb_date; }},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    Evidence evidence;
    row.date(evidence.settings) = kOldest;
    platform_level(evidence.settings).advisory_ids = {"INTEL-SA-1", "INTEL-SA-2"};
    qe_level(evidence.settings).advisory_ids = {"INTEL-SA-3", "INTEL-SA-1"};
    module_level(evidence.settings).advisory_ids = {"INTEL-SA-4", "INTEL-SA-3"};
    const Verdict verdict = verify(evidence);
    EXPECT_EQ(verdict.tcb_date, kOldest);
    EXPECT_EQ(verdict.advisory_ids,
              (std::vector<std::string>{"INTEL-SA-1", "INTEL-SA-2", "INTEL-SA-3", "INTEL-SA-4"}));
  }
}

// Levels are compared, not taken in the order of the text (QVL TcbLevel.cpp).
TEST(Statuses, OrderOfLevelsInTheTextDoesNotMatter) {
  Evidence evidence;
  std::ranges::reverse(evidence.settings.tdx_tcb_info.tcb_levels);
  std::ranges::reverse(evidence.settings.td_qe_identity.tcb_levels);
  std::ranges::reverse(module_levels(evidence.settings));
  expect_status(evidence, up_to_date);
}

// Two levels that ask for the same: which one decides would be anybody's guess, so there is no
// such TCB info (QVL TcbInfo.cpp, TdxModuleIdentity.cpp). QE levels may share an ISVSVN, and then
// the newer one decides (QVL IdentityTcbLevel.cpp).
TEST(Statuses, EqualLevelsAreRefusedOrTheNewerDecides) {
  Evidence platform;
  platform.settings.tdx_tcb_info.tcb_levels.push_back(platform_level(platform.settings));
  platform.settings.tdx_tcb_info.tcb_levels.back().status = revoked;
  platform.settings.tdx_tcb_info.tcb_levels.back().tcb_date = kOldest;
  EXPECT_EQ(bundle_error_of(platform), ErrorCode::malformed);

  Evidence module;
  module_levels(module.settings).push_back(module_level(module.settings));
  module_levels(module.settings).back().tcb_date = kOldest;
  EXPECT_EQ(bundle_error_of(module), ErrorCode::malformed);

  Evidence qe;
  qe.settings.td_qe_identity.tcb_levels.push_back(qe_level(qe.settings));
  EXPECT_EQ(bundle_error_of(qe), ErrorCode::malformed);
  qe.settings.td_qe_identity.tcb_levels.back().status = revoked;
  qe.settings.td_qe_identity.tcb_levels.back().tcb_date = kOldest;
  expect_status(qe, up_to_date);
  qe.settings.td_qe_identity.tcb_levels.back().tcb_date = kNow;
  expect_status(qe, revoked);
}

// Intel's library knows the QE's level (4.1.2.5.16) before it has looked at the quote's signature
// (4.1.2.5.17), and says one of the two: with us both are said.
TEST(Statuses, ARevokedQeIsSaidThoughSignaturesDoNotHold) {
  struct Row {
    std::string_view reason;
    std::function<void(QuoteParts&)> change;
  };
  const std::vector<Row> rows = {
      {"quote_signature", [](QuoteParts& q) { q.signed_by = "somebody"; }},
      {"qe_report_signature", [](QuoteParts& q) { q.qe_report_signed_by = "somebody"; }},
  };
  for (const Row& row : rows) {
    Evidence evidence;
    evidence.change_quote = row.change;
    qe_level(evidence.settings).status = revoked;
    const Verdict verdict = verify(evidence);
    EXPECT_FALSE(verdict.genuine);
    EXPECT_EQ(reason_of(verdict), row.reason);
    EXPECT_EQ(verdict.tcb_status, revoked);
  }
}

// What the platform is, is said as soon as TCB info and QE identity are about it, whatever else
// refuses.
TEST(Statuses, AStatusThatCannotBeDeterminedIsNotSaid) {
  Evidence other_platform;
  other_platform.settings.tdx_tcb_info.fmspc[0] ^= 1;
  EXPECT_EQ(verify(other_platform).tcb_status, std::nullopt);
  Evidence other_qe;
  other_qe.settings.td_qe_identity.id = QeIdentityId::qe;
  EXPECT_EQ(verify(other_qe).tcb_status, std::nullopt);
  Evidence no_level;
  no_level.settings.pki.pck.sgx_extension->pce_svn = 0;
  EXPECT_EQ(verify(no_level).tcb_status, not_supported);
  Evidence unknown_status;
  platform_level(unknown_status.settings).status = unrecognized;
  EXPECT_EQ(verify(unknown_status).tcb_status, unrecognized);
}

// Only verification makes these: a file that claims them is not believed.
TEST(Statuses, CollateralCannotClaimWhatVerificationFinds) {
  for (const TcbStatus status :
       {td_relaunch_advised, td_relaunch_advised_configuration_needed, not_supported}) {
    Evidence evidence;
    platform_level(evidence.settings).status = status;
    const Verdict verdict = verify(evidence);
    EXPECT_EQ(reason_of(verdict), "tcb_level") << to_string(status);
    EXPECT_EQ(verdict.tcb_status, unrecognized);
  }
}

}  // namespace
}  // namespace quoin
