#include "src/verify/tcb_evaluation.h"

#include <gtest/gtest.h>

namespace quoin {
namespace {

using enum TcbStatus;

constexpr UtcTime kOld{std::chrono::seconds(1'600'000'000)};
constexpr UtcTime kNew{std::chrono::seconds(1'700'000'000)};

// QVL convergeTcbStatuses: all platform statuses against what module or QE say.
TEST(Converge, IsIntelsTableAndNotTheWorst) {
  struct Row {
    TcbStatus platform;
    TcbStatus with_out_of_date;
  };
  constexpr Row kRows[] = {
      {up_to_date, out_of_date},
      {sw_hardening_needed, out_of_date},
      {configuration_needed, out_of_date_configuration_needed},
      {configuration_and_sw_hardening_needed, out_of_date_configuration_needed},
      {out_of_date, out_of_date},
      {out_of_date_configuration_needed, out_of_date_configuration_needed},
      {revoked, revoked},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(to_string(row.platform));
    EXPECT_EQ(converge(row.platform, false, false), row.platform);
    EXPECT_EQ(converge(row.platform, true, false), row.with_out_of_date);
    EXPECT_EQ(converge(row.platform, false, true), revoked);
    EXPECT_EQ(converge(row.platform, true, true), revoked);
  }
}

// QVL checkForRelaunch.
TEST(CheckForRelaunch, AdvisesOnlyWhereTheModuleThatRunsNowIsBetter) {
  struct Row {
    TcbStatus launch;
    TcbStatus current;
    TcbStatus wanted;
  };
  constexpr Row kRows[] = {
      {out_of_date, up_to_date, td_relaunch_advised},
      {out_of_date, sw_hardening_needed, td_relaunch_advised},
      {out_of_date, configuration_needed, td_relaunch_advised_configuration_needed},
      {out_of_date, configuration_and_sw_hardening_needed,
       td_relaunch_advised_configuration_needed},
      {out_of_date_configuration_needed, up_to_date, td_relaunch_advised_configuration_needed},
      {out_of_date, out_of_date, out_of_date},
      {out_of_date, revoked, out_of_date},
      {out_of_date, out_of_date_configuration_needed, out_of_date},
      {up_to_date, out_of_date, up_to_date},
      {up_to_date, up_to_date, up_to_date},
      {revoked, up_to_date, revoked},
      {configuration_needed, up_to_date, configuration_needed},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(check_for_relaunch(row.launch, row.current), row.wanted)
        << to_string(row.launch) << ", now " << to_string(row.current);
  }
}

TcbLevel level(uint8_t sgx, uint16_t pce_svn, uint8_t tdx, TcbStatus status, UtcTime date,
               std::string advisory) {
  TcbLevel level;
  level.sgx_tcb_components.fill(sgx);
  level.pce_svn = pce_svn;
  level.tdx_tcb_components.fill(tdx);
  level.status = status;
  level.tcb_date = date;
  level.advisory_ids = {std::move(advisory)};
  return level;
}

IsvSvnTcbLevel isv_level(uint16_t isv_svn, TcbStatus status, UtcTime date) {
  return {.isv_svn = isv_svn, .tcb_date = date, .status = status, .advisory_ids = {"COMPONENT"}};
}

class EvaluateTcb : public testing::Test {
 protected:
  EvaluateTcb() {
    tcb_info_.id = TcbInfoId::tdx;
    tcb_info_.version = 3;
    tcb_info_.tcb_levels = {level(5, 10, 5, up_to_date, kNew, "NEW"),
                            level(3, 8, 3, out_of_date, kOld, "OLD")};
    TdxModuleIdentity identity;
    identity.id = "tdx_0A";  // compared without regard to case
    identity.tcb_levels = {isv_level(4, up_to_date, kNew), isv_level(2, out_of_date, kOld)};
    tcb_info_.tdx_module_identities = {identity};
    qe_identity_.tcb_levels = {isv_level(6, up_to_date, kNew), isv_level(4, out_of_date, kOld)};
    platform_.sgx_tcb_components.fill(5);
    platform_.pce_svn = 10;
    platform_.qe_isv_svn = 6;
    platform_.tee_tcb_svn.emplace().fill(5);
    (*platform_.tee_tcb_svn)[1] = 0;
    (*platform_.tee_tcb_svn)[0] = 5;
  }

  TcbStatus status() const { return evaluate_tcb(platform_, tcb_info_, qe_identity_).status; }

  PlatformTcb platform_;
  TcbInfo tcb_info_;
  QeIdentity qe_identity_;
};

TEST_F(EvaluateTcb, EverySvnCounts) {
  (*platform_.tee_tcb_svn)[1] = 10;
  (*platform_.tee_tcb_svn)[0] = 4;
  EXPECT_EQ(status(), up_to_date);
  for (size_t i = 0; i < 16; ++i) {
    SCOPED_TRACE(i);
    const PlatformTcb before = platform_;
    platform_.sgx_tcb_components[i] = 4;
    EXPECT_EQ(status(), out_of_date);
    platform_.sgx_tcb_components[i] = 2;
    EXPECT_EQ(status(), not_supported);
    platform_ = before;
    if (i < 2) continue;
    (*platform_.tee_tcb_svn)[i] = 4;
    EXPECT_EQ(status(), out_of_date);
    (*platform_.tee_tcb_svn)[i] = 2;
    EXPECT_EQ(status(), not_supported);
    platform_ = before;
  }
  platform_.pce_svn = 9;
  EXPECT_EQ(status(), out_of_date);
  platform_.pce_svn = 7;
  EXPECT_EQ(status(), not_supported);
}

TEST_F(EvaluateTcb, WithoutAModuleVersionPositions0And1Count) {
  EXPECT_EQ(status(), not_supported) << "position 1 is 0, below every level's 3";
  for (TcbLevel& each : tcb_info_.tcb_levels) each.tdx_tcb_components[1] = 0;
  EXPECT_EQ(status(), up_to_date);
  (*platform_.tee_tcb_svn)[0] = 4;
  EXPECT_EQ(status(), out_of_date);
}

TEST_F(EvaluateTcb, WithAModuleVersionItsIdentityAnswersForPositions0And1) {
  (*platform_.tee_tcb_svn)[1] = 10;
  (*platform_.tee_tcb_svn)[0] = 4;
  EXPECT_EQ(status(), up_to_date) << "position 0 is below the level's 5";
  (*platform_.tee_tcb_svn)[0] = 3;
  EXPECT_EQ(status(), out_of_date);
  (*platform_.tee_tcb_svn)[0] = 1;
  EXPECT_EQ(status(), not_supported);
  (*platform_.tee_tcb_svn)[1] = 11;
  EXPECT_EQ(status(), not_supported) << "no identity for version 11";
  tcb_info_.tdx_module_identities.reset();
  EXPECT_EQ(status(), not_supported);
}

TEST_F(EvaluateTcb, QeCounts) {
  platform_.tee_tcb_svn.reset();
  platform_.qe_isv_svn = 5;
  EXPECT_EQ(status(), out_of_date);
  platform_.qe_isv_svn = 3;
  EXPECT_EQ(status(), not_supported);
  platform_.qe_isv_svn = 7;
  EXPECT_EQ(status(), up_to_date);
}

TEST_F(EvaluateTcb, RevokedComponentsRevoke) {
  platform_.tee_tcb_svn.reset();
  qe_identity_.tcb_levels[0].status = revoked;
  EXPECT_EQ(status(), revoked);
}

TEST_F(EvaluateTcb, DateIsTheOldestAndAdvisoriesAreAllOnce) {
  (*platform_.tee_tcb_svn)[1] = 10;
  (*platform_.tee_tcb_svn)[0] = 2;
  const TcbEvaluation result = evaluate_tcb(platform_, tcb_info_, qe_identity_);
  EXPECT_EQ(result.status, out_of_date);
  EXPECT_EQ(result.tcb_date, kOld);
  EXPECT_EQ(advisory_ids(result), (std::vector<std::string>{"NEW", "COMPONENT"}));
}

TEST_F(EvaluateTcb, RelaunchIsAdvised) {
  (*platform_.tee_tcb_svn)[1] = 10;
  (*platform_.tee_tcb_svn)[0] = 2;
  platform_.tee_tcb_svn2 = platform_.tee_tcb_svn;
  EXPECT_EQ(status(), out_of_date);
  (*platform_.tee_tcb_svn2)[0] = 4;
  EXPECT_EQ(status(), td_relaunch_advised);
  (*platform_.tee_tcb_svn2)[0] = 1;
  EXPECT_EQ(status(), not_supported) << "no level for the module that runs now";
}

TEST_F(EvaluateTcb, UnrecognizedStatusCountsOnlyWhereItsLevelMatches) {
  platform_.tee_tcb_svn.reset();
  tcb_info_.tcb_levels[1].status = unrecognized;
  EXPECT_EQ(status(), up_to_date);
  platform_.pce_svn = 8;
  EXPECT_EQ(status(), unrecognized);
}

}  // namespace
}  // namespace quoin
