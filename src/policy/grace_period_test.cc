// The grace period of evaluations that the simulator's platforms do not have.

#include "src/policy/grace_period.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "src/policy/samples_testing.h"

namespace quoin {
namespace {

using std::chrono::days;
using enum TcbStatus;

// Collateral whose second levels are OutOfDate: of the platform, of the TDX module TDX_01, and of
// the QE.
class EndOfGrace : public testing::Test {
 protected:
  EndOfGrace() : collateral_(make_collateral([](simulator::PlatformSettings&) {})) {
    policy_.grace_period_days = 30;
    evaluation_ = evaluation_in(collateral_);
  }

  template <typename Change>
  static Collateral make_collateral(const Change& change) {
    simulator::PlatformSettings settings =
        simulator::default_settings(simulator::Seed(), kSampleNow);
    change(settings);
    const simulator::Platform platform(simulator::Seed(), settings);
    return Collateral::parse(platform.collateral_bundle()).value();
  }

  static const std::vector<IsvSvnTcbLevel>& module_levels(const Collateral& collateral) {
    const auto& identities = *collateral.tcb_info().tdx_module_identities;
    return std::ranges::find(identities, "TDX_01", &TdxModuleIdentity::id)->tcb_levels;
  }

  // The platform's level is the second, the QE's the first; there is no TDX module.
  static TcbEvaluation evaluation_in(const Collateral& collateral) {
    TcbEvaluation evaluation;
    evaluation.status = out_of_date;
    evaluation.platform_level = &collateral.tcb_info().tcb_levels[1];
    evaluation.qe_level = &collateral.qe_identity().tcb_levels[0];
    return evaluation;
  }

  std::optional<UtcTime> end() const { return end_of_grace(policy_, evaluation_, collateral_); }

  Collateral collateral_;
  Policy policy_;
  TcbEvaluation evaluation_;
};

TEST_F(EndOfGrace, CountsFromTheNewerLevel) {
  EXPECT_EQ(end(), collateral_.tcb_info().tcb_levels[0].tcb_date + days(30));
  policy_.grace_period_days = kMaxPolicyDays + 1;
  EXPECT_EQ(end(), collateral_.tcb_info().tcb_levels[0].tcb_date + days(kMaxPolicyDays));
}

TEST_F(EndOfGrace, NoneWhereThePolicyHasNone) {
  policy_.grace_period_days = 0;
  EXPECT_EQ(end(), std::nullopt);
}

TEST_F(EndOfGrace, NoneWhereTheStatusIsAnother) {
  for (const TcbStatus status : {up_to_date, revoked, not_supported, td_relaunch_advised}) {
    evaluation_.status = status;
    EXPECT_EQ(end(), std::nullopt) << to_string(status);
  }
}

TEST_F(EndOfGrace, NoneWithoutLevels) {
  evaluation_.qe_level = nullptr;
  EXPECT_EQ(end(), std::nullopt);
  evaluation_ = evaluation_in(collateral_);
  evaluation_.platform_level = nullptr;
  EXPECT_EQ(end(), std::nullopt);
}

TEST_F(EndOfGrace, NoneWhereNothingIsOverdue) {
  evaluation_.platform_level = &collateral_.tcb_info().tcb_levels[0];
  EXPECT_EQ(end(), std::nullopt);
}

TEST_F(EndOfGrace, EitherStatusThatNeedsConfigurationWillDo) {
  evaluation_.status = out_of_date_configuration_needed;
  EXPECT_EQ(end(), std::nullopt);
  policy_.tcb_statuses = {up_to_date, configuration_needed};
  EXPECT_NE(end(), std::nullopt);
  policy_.tcb_statuses = {up_to_date, configuration_and_sw_hardening_needed};
  EXPECT_NE(end(), std::nullopt);
}

TEST_F(EndOfGrace, NoneWhereTheQeHasNothingToUpdateTo) {
  const Collateral other = make_collateral([](simulator::PlatformSettings& settings) {
    settings.td_qe_identity.tcb_levels[0].status = out_of_date;
  });
  TcbEvaluation evaluation = evaluation_in(other);
  evaluation.qe_level = &other.qe_identity().tcb_levels[1];
  EXPECT_EQ(end_of_grace(policy_, evaluation, other), std::nullopt);
}

// An evaluation of other collateral.
TEST_F(EndOfGrace, NoneWhereALevelIsNotTheCollaterals) {
  const TcbLevel stray_level = collateral_.tcb_info().tcb_levels[1];
  evaluation_.platform_level = &stray_level;
  EXPECT_EQ(end(), std::nullopt);
  evaluation_ = evaluation_in(collateral_);

  evaluation_.tdx_module_level = &module_levels(collateral_)[1];
  EXPECT_NE(end(), std::nullopt);
  const IsvSvnTcbLevel stray = module_levels(collateral_)[1];
  evaluation_.tdx_module_level = &stray;
  EXPECT_EQ(end(), std::nullopt);

  const Collateral without = make_collateral([](simulator::PlatformSettings& settings) {
    settings.tdx_tcb_info.tdx_module_identities.reset();
  });
  TcbEvaluation evaluation = evaluation_in(without);
  EXPECT_NE(end_of_grace(policy_, evaluation, without), std::nullopt);
  evaluation.tdx_module_level = &stray;
  EXPECT_EQ(end_of_grace(policy_, evaluation, without), std::nullopt);
}

}  // namespace
}  // namespace quoin
