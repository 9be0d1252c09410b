#include <string>

#include "quoin/policy.h"
#include "src/policy/checks.h"
#include "src/policy/rules.h"

namespace quoin {
namespace {

// A policy that names modules asks for a receipt of one: a bare quote is none.
bool check_modules(CheckList& checks, const Policy& policy, const PolicyInput& input) {
  if (policy.modules.empty()) return true;
  return checks.add(policy_rules::kModules, input.has_receipt, [&] {
    return CheckText{input.has_receipt ? "a receipt" : "a quote without a receipt",
                     "a receipt of one of the " + std::to_string(policy.modules.size()) +
                         " modules in the policy"};
  });
}

Decision decide(const Policy& policy, const PolicyInput& input, Detail detail) {
  CheckList checks(detail);
  bool passed = check_platform(checks, policy, input);
  passed &= check_attributes(checks, policy, input);
  passed &= check_event_log(checks, input);
  const bool wanted = check_measurements(checks, policy, input);
  passed &= check_modules(checks, policy, input);

  Decision decision;
  decision.accepted = input.verdict.genuine && passed && wanted;
  decision.unpinned = input.verdict.genuine && passed && !wanted && policy.measurements.empty();
  decision.checks = checks.take();
  return decision;
}

}  // namespace

const Check* Decision::reason() const { return first_refusal(checks); }

Decision decide(const Policy& policy, const PolicyInput& input) {
  return decide(policy, input, Detail::every_check);
}

Decision decide_tersely(const Policy& policy, const PolicyInput& input) {
  return decide(policy, input, Detail::refusals);
}

}  // namespace quoin
