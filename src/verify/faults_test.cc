// Every rule refuses the evidence that breaks it, and only that rule does.

#include "src/verify/faults_testing.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "src/verify/rules.h"

namespace quoin {
namespace {

TEST(Faults, EachIsRefusedForItsReasonAlone) {
  for (const Fault& fault : faults()) {
    SCOPED_TRACE(std::string(fault.reason) + ": " + std::string(fault.what));
    Evidence evidence;
    fault.make(evidence);
    const Verdict verdict = verify(evidence);
    EXPECT_FALSE(verdict.genuine);
    EXPECT_EQ(reason_of(verdict), fault.reason);
    std::vector<std::string_view> wanted = {fault.reason};
    wanted.insert(wanted.end(), fault.also.begin(), fault.also.end());
    EXPECT_EQ(refusals_of(verdict), wanted);
    for (const Check& check : verdict.checks) {
      EXPECT_FALSE(check.seen.empty() || check.wanted.empty() || check.rule.empty()) << check.id;
      EXPECT_EQ(check.advice.empty(), check.passed) << check.id;
    }
  }
}

// A rule without a refusal cannot be added.
TEST(Faults, EveryRuleIsTheReasonOfOne) {
  std::set<std::string_view> refused;
  for (const Fault& fault : faults()) refused.insert(fault.reason);
  std::set<std::string_view> all;
  for (const Rule& rule : rules::kAll) all.insert(rule.id);
  EXPECT_EQ(refused, all);
}

// Nothing but the rule itself stands between the fault and a genuine verdict, for all rules but
// these: without a trusted root no chain of collateral has one, and a TDX module that TCB info does
// not describe has no TCB level.
TEST(Faults, EveryRuleRefusesByItself) {
  std::set<std::string_view> alone = {"pck_chain_root", "tdx_module_identity"};
  for (const Fault& fault : faults()) {
    if (fault.also.empty()) alone.insert(fault.reason);
  }
  std::set<std::string_view> all;
  for (const Rule& rule : rules::kAll) all.insert(rule.id);
  EXPECT_EQ(alone, all);
}

}  // namespace
}  // namespace quoin
