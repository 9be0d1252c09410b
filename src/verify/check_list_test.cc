#include "src/verify/check_list.h"

#include <gtest/gtest.h>

#include "src/verify/evidence_testing.h"

namespace quoin {
namespace {

constexpr Rule kRuleOne = {"first", "One holds.", "a source", "do this"};
constexpr Rule kRuleTwo = {"second", "Two holds.", "another source", "do that"};

CheckText text() { return {"seen", "wanted"}; }

TEST(CheckList, NothingLookedAtIsNoRefusal) {
  CheckList checks(Detail::every_check);
  EXPECT_TRUE(checks.all_passed());
  EXPECT_EQ(checks.reason(), nullptr);
  EXPECT_EQ(checks.valid_until(), UtcTime::max());
  EXPECT_TRUE(checks.take().empty());
}

TEST(CheckList, TheFirstRefusalIsTheReasonWhateverPassesLater) {
  for (const Detail detail : {Detail::every_check, Detail::refusals}) {
    CheckList checks(detail);
    EXPECT_TRUE(checks.add(kRuleTwo, true, text));
    EXPECT_FALSE(checks.add(kRuleOne, false, text));
    EXPECT_FALSE(checks.add(kRuleTwo, false, text));
    EXPECT_TRUE(checks.add(kRuleOne, true, text));
    EXPECT_FALSE(checks.all_passed());
    ASSERT_NE(checks.reason(), nullptr);
    EXPECT_EQ(checks.reason()->id, "first");
  }
}

TEST(CheckList, WritesDownEveryCheckOrRefusalsOnly) {
  const auto ids = [](Detail detail) {
    CheckList checks(detail);
    checks.add(kRuleOne, true, text);
    checks.add(kRuleTwo, false, text);
    std::string all;
    for (const Check& check : checks.take()) all += std::string(check.id) + " ";
    return all;
  };
  EXPECT_EQ(ids(Detail::every_check), "first second ");
  EXPECT_EQ(ids(Detail::refusals), "second ");
}

// Describing what passed costs more than looking at it.
TEST(CheckList, WhatIsNotWrittenDownIsNotDescribed) {
  CheckList checks(Detail::refusals);
  EXPECT_TRUE(checks.add(kRuleOne, true, [] {
    ADD_FAILURE() << "described";
    return text();
  }));
}

TEST(CheckList, ARefusalSaysWhatToDo) {
  const Check refused = make_check(kRuleOne, false, {"seen", "wanted"});
  EXPECT_EQ(refused.id, "first");
  EXPECT_FALSE(refused.passed);
  EXPECT_EQ(refused.seen, "seen");
  EXPECT_EQ(refused.wanted, "wanted");
  EXPECT_EQ(refused.rule, "a source");
  EXPECT_EQ(refused.advice, "do this");
  EXPECT_EQ(make_check(kRuleOne, false, {"seen", "wanted", "better"}).advice, "better");
  EXPECT_EQ(make_check(kRuleOne, true, {"seen", "wanted", "better"}).advice, "");
}

TEST(CheckList, BothEndsOfATimeAreInside) {
  CheckList checks(Detail::refusals);
  EXPECT_TRUE(checks.not_expired(kRuleOne, kNow, kNow));
  EXPECT_FALSE(checks.not_expired(kRuleOne, kNow - kSecond, kNow));
  EXPECT_TRUE(checks.not_before(kRuleTwo, kNow, kNow));
  EXPECT_FALSE(checks.not_before(kRuleTwo, kNow + kSecond, kNow));
}

TEST(CheckList, HoldsUntilTheEarliestEnd) {
  CheckList checks(Detail::refusals);
  checks.not_expired(kRuleOne, kNow + kDay, kNow);
  EXPECT_EQ(checks.valid_until(), kNow + kDay);
  checks.not_expired(kRuleOne, kNow + kSecond, kNow);
  checks.not_expired(kRuleOne, kNow + kDay, kNow);
  checks.not_before(kRuleOne, kNow - kDay, kNow);
  EXPECT_EQ(checks.valid_until(), kNow + kSecond);
}

}  // namespace
}  // namespace quoin
