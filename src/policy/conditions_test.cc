// Conditions of which tools/mutate found that no other test needs them.

#include <gtest/gtest.h>

#include <string>

#include "src/policy/samples_testing.h"

namespace quoin {
namespace {

// A policy file cannot say it, but a caller of the library can.
TEST(Conditions, ASetThatNamesNothingFitsNothing) {
  Case td;
  td.policy.measurements.resize(1);
  EXPECT_EQ(reason_of(decide(td)), "policy_measurements");
  Case enclave = td;
  enclave.enclave.emplace();
  EXPECT_EQ(reason_of(decide(enclave)), "policy_measurements");
}

TEST(Conditions, UnpinnedIsWhatOnlyLacksAPin) {
  Case refused;
  EXPECT_TRUE(decide(refused).unpinned);
  refused.verdict.tcb_status = TcbStatus::out_of_date;
  EXPECT_FALSE(decide(refused).unpinned);
  Case not_genuine;
  not_genuine.verdict.genuine = false;
  EXPECT_FALSE(decide(not_genuine).unpinned);
  Case accepted;
  accepted.policy.any_measurement = true;
  EXPECT_FALSE(decide(accepted).unpinned);
}

TEST(Conditions, WithoutABoundCollateralIsNeverTooOld) {
  Case c = pinned();
  c.now += std::chrono::days(kMaxPolicyDays + 1);
  EXPECT_TRUE(decide(c).accepted);
}

TEST(Conditions, WhatIsAsLongAsItMayBeIsRead) {
  const std::string version = "version = 1\n#";
  const auto policy_of = [&](size_t size) {
    return parse_policy(version + std::string(size - version.size(), 'x'));
  };
  EXPECT_TRUE(policy_of(size_t{1} << 20).ok());
  EXPECT_FALSE(policy_of((size_t{1} << 20) + 1).ok());
  EXPECT_TRUE(parse_policy(version + std::string(4096, '.')).ok());
  EXPECT_FALSE(parse_policy(version + std::string(4097, '.')).ok());
  EXPECT_TRUE(parse_platform_list(std::string(size_t{16} << 20, '#')).ok());
  EXPECT_FALSE(parse_platform_list(std::string((size_t{16} << 20) + 1, '#')).ok());
}

}  // namespace
}  // namespace quoin
