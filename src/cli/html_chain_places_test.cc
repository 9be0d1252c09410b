#include "src/cli/html_chain_places.h"

#include <gtest/gtest.h>

#include <chrono>

#include "src/policy/rules.h"
#include "src/receipt/rules.h"
#include "src/verify/rules.h"

namespace quoin::cli {
namespace {

constexpr UtcTime kAt{std::chrono::seconds(1'750'000'000)};
constexpr Validity kHolding = {kAt - std::chrono::days(1), kAt + std::chrono::days(1)};
constexpr Validity kEnded = {kAt - std::chrono::days(2), kAt - std::chrono::days(1)};

Check check(std::string_view id, bool passed) {
  return {.id = id, .passed = passed, .seen = "", .wanted = "", .rule = "", .advice = ""};
}

template <typename Rules>
void expect_placed(const Rules& all) {
  for (const Rule& rule : all) {
    EXPECT_NE(places_of(rule.id).front().node, ChainNode::other) << rule.id;
    EXPECT_EQ(requirement_of(rule.id), rule.requirement);
  }
}

TEST(HtmlChainPlacesTest, EveryRuleHasAPlace) {
  expect_placed(rules::kAll);
  expect_placed(policy_rules::kAll);
  expect_placed(receipt_rules::kAll);
}

TEST(HtmlChainPlacesTest, WhatIsNoRuleHasNone) {
  EXPECT_EQ(places_of("nonsense").front().node, ChainNode::other);
  for (const std::string_view id : {"nonsense", "policy_nonsense", "receipt_nonsense", ""}) {
    EXPECT_EQ(requirement_of(id), "");
  }
}

TEST(HtmlChainPlacesTest, WhatWasNotLookedAtDoesNotHold) {
  const Outcome node = outcome_of_node({}, ChainNode::root, kHolding, kAt);
  EXPECT_FALSE(node.looked_at);
  EXPECT_FALSE(node.holds());
  EXPECT_FALSE(outcome_of_link({}, ChainNode::quote).holds());
}

TEST(HtmlChainPlacesTest, TheFirstFailureCounts) {
  const std::vector<Check> checks = {check("qe_miscselect", true), check("qe_mr_signer", false),
                                     check("qe_isv_prod_id", false),
                                     check("qe_report_signature", true)};
  const Outcome node = outcome_of_node(checks, ChainNode::qe_report, {}, kAt);
  EXPECT_EQ(node.failure, &checks[1]);
  EXPECT_FALSE(node.holds());
  EXPECT_TRUE(outcome_of_link(checks, ChainNode::qe_report).holds());
  EXPECT_FALSE(outcome_of_node(checks, ChainNode::pck_ca, {}, kAt).looked_at);
}

TEST(HtmlChainPlacesTest, OneRuleMayBreakSeveralLinks) {
  const std::vector<Check> checks = {check("pck_chain_signatures", false)};
  EXPECT_EQ(outcome_of_link(checks, ChainNode::pck_ca).failure, checks.data());
  EXPECT_EQ(outcome_of_link(checks, ChainNode::pck_certificate).failure, checks.data());
}

TEST(HtmlChainPlacesTest, DatesCountWhereTheyDoNotHold) {
  const std::vector<Check> checks = {check("pck_chain_not_expired", false)};
  for (const ChainNode node : {ChainNode::root, ChainNode::pck_ca, ChainNode::pck_certificate}) {
    EXPECT_TRUE(outcome_of_node(checks, node, kHolding, kAt).holds());
    EXPECT_EQ(outcome_of_node(checks, node, kEnded, kAt).failure, checks.data());
    EXPECT_EQ(outcome_of_node(checks, node, std::nullopt, kAt).failure, checks.data());
  }
}

TEST(HtmlChainPlacesTest, ValidityHasBothEndsInIt) {
  EXPECT_TRUE(kHolding.contains(kHolding.from));
  EXPECT_TRUE(kHolding.contains(kHolding.until));
  EXPECT_FALSE(kHolding.contains(kHolding.from - std::chrono::seconds(1)));
  EXPECT_FALSE(kHolding.contains(kHolding.until + std::chrono::seconds(1)));
}

}  // namespace
}  // namespace quoin::cli
